import type { Context } from '../../context.ts'
import { sendSyslog } from '../../receivers/syslog.ts'
import { postWebhook } from '../../receivers/webhook.ts'
import type { Notice } from '../../rules/receivers.ts'
import { syslogMessage } from '../../rules/syslog.ts'
import { webhookBody, webhookHeaders } from '../../rules/webhooks.ts'
import type { Receiver } from '../../storage/receivers.ts'
import { listTrustedAuthorities } from '../../storage/trustedAuthorities.ts'
import { openReceiverKey } from './receiverKey.ts'

/** How many notices a receiver is told at once. */
export const batchOf = ({ kind }: Receiver): number => (kind === 'syslog' ? 500 : 1)

/** Tells a receiver of some notices, as its kind has it; gives what it said. Refuses with why it could not be told. Whom it trusts is in the trust store. */
export async function deliver(context: Context, receiver: Receiver, notices: Notice[]): Promise<string> {
  const authorities = (await listTrustedAuthorities(context.storage.db)).map(({ certificate }) => certificate)
  if (receiver.kind === 'webhook') {
    const [notice] = notices
    return postToWebhook(context, receiver, notice!, authorities)
  }
  const { settings } = receiver
  const hostName = context.config.hostNames[0]!
  await sendSyslog(
    settings,
    authorities,
    notices.map(notice => syslogMessage(notice, hostName, settings.transport)),
  )
  return settings.transport === 'udp' ? 'Sent; over UDP nobody says whether it arrived.' : 'Taken.'
}

function postToWebhook(context: Context, receiver: Receiver & { kind: 'webhook' }, notice: Notice, authorities: string[]): Promise<string> {
  const { clock, config, secrets } = context
  const key = openReceiverKey(secrets, receiver.secret!)
  const body = webhookBody(notice)
  const headers = webhookHeaders(key, { id: `msg_${receiver.id}_${notice.id}`, body, at: clock.now() })
  return postWebhook({ url: receiver.settings.url, headers, body, authorities, inward: config.inwardWebhooks })
}
