import type { Context } from '../../context.ts'
import { checkReach, checkReceiver, reachInWords, topicsInWords } from '../../rules/receivers.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { clearAlert } from '../../storage/alerts.ts'
import { recordEvent } from '../../storage/events.ts'
import { updateReceiver, updateReceiverSecret } from '../../storage/receivers.ts'
import type { ReceiverWish } from './addReceiver.ts'
import { getReceiver } from './getReceiver.ts'
import { lostAlert } from './receiverAlerts.ts'
import { makeReceiverKey } from './receiverKey.ts'

/** Changes what a receiver is told of, and how it is reached; what waits is tried at once. What was lost before counts no more. Its key stays. */
export async function changeReceiver(context: Context, who: Person, id: number, wish: ReceiverWish): Promise<void> {
  checkReceiver(wish)
  const reach = checkReach(wish)
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    const { name, topics, ...before } = await getReceiver(tx, id)
    refuseUnless(before.kind === reach.kind, 'INVALID', 'A receiver stays of its kind: add another one.')
    const changed = await updateReceiver(tx, { ...reach, id, name: wish.name, topics: wish.topics }, at)
    refuseUnless(changed, 'INVALID', 'There is a receiver of this name already.', 'name')
    await clearAlert(tx, lostAlert(id), at)
    const message = `${wish.name} (${reachInWords(reach)}) is told of ${topicsInWords(wish.topics)}.`
    const change = {
      before: { name, topics, where: reachInWords(before) },
      after: { name: wish.name, topics: wish.topics, where: reachInWords(reach) },
    }
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name, change })
  })
}

/** Gives a webhook another key, which is shown once; what is sent from now on is signed with it. */
export async function renewReceiverKey(context: Context, who: Person, id: number): Promise<{ name: string; secret: string }> {
  const key = makeReceiverKey(context.secrets)
  return context.storage.transaction(async tx => {
    const { name, kind } = await getReceiver(tx, id)
    refuseUnless(kind === 'webhook', 'INVALID', 'What a collector of syslog gets is not signed.')
    await updateReceiverSecret(tx, id, key.sealed)
    const message = `The secret of the webhook ${name} was renewed.`
    await recordEvent(tx, { localAccountId: 0, at: context.clock.now(), kind: 'settings changed', message, who: who.name })
    return { name, secret: key.shown }
  })
}
