import type { Context } from '../../context.ts'
import { sendMail } from '../../mail/smtp.ts'
import { later, minute } from '../../rules/clock.ts'
import { mailAttemptsBeforeAlert, mailRetryAt } from '../../rules/mail.ts'
import { clearAlert, raiseAlert } from '../../storage/alerts.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { claimDueMail, type Mail, markMailFailed, markMailSent } from '../../storage/mails.ts'

export const passwordPurpose = 'mail password'

/** A server that dies with a mail in its hands leaves it to others after this long; the mail server may then get it twice, and never not at all. */
const claim = 10 * minute
const alert = { localAccountId: 0, kind: 'mail not sent', subject: 'mail' }

/** Sends the mail that waits, one after the other; what does not get there waits for its next attempt, however long the mail server is away. */
export async function sendDueMails(context: Context, { ends }: { ends?: AbortSignal } = {}): Promise<void> {
  const { db } = context.storage
  const settings = await findMailSettings(db)
  if (!settings) return
  const { sealedPassword, ...rest } = settings
  const password = sealedPassword && context.secrets.open(sealedPassword, passwordPurpose).toString('utf8')
  while (!ends?.aborted) {
    const now = context.clock.now()
    const mail = await claimDueMail(db, now, later(now, claim))
    if (!mail) return
    try {
      await sendMail(rest, password, outgoing(mail, rest.from))
      await markMailSent(db, mail.id, context.clock.now())
      await clearAlert(db, alert, context.clock.now())
    } catch (error) {
      await tellFailure(context, mail, (error as Error).message)
    }
  }
}

const outgoing = (mail: Mail, from: string) => ({
  to: mail.recipients,
  subject: mail.subject,
  text: mail.body,
  messageId: `<quartermaster-${mail.id}-${mail.createdAt.getTime()}@${from.split('@')[1]}>`,
  date: mail.createdAt,
})

async function tellFailure(context: Context, mail: Mail, failure: string): Promise<void> {
  const { db } = context.storage
  const at = context.clock.now()
  context.log.warn({ mail: mail.id, attempts: mail.attempts }, failure)
  await markMailFailed(db, mail.id, failure, mailRetryAt(mail.attempts, at))
  if (mail.attempts < mailAttemptsBeforeAlert) return
  const action = 'Check the settings of mail, and the mail server. What waits is sent when it can be.'
  await raiseAlert(db, { ...alert, severity: 'major', source: 'Mail', message: failure, action, at })
}
