import type { Context } from '../../context.ts'
import { refusedSentence, sendMail } from '../../mail/smtp.ts'
import { later, minute } from '../../rules/clock.ts'
import { mailAttemptsBeforeAlert, mailRefusedLife, mailRetryAt } from '../../rules/mail.ts'
import { clearAlert, raiseAlert } from '../../storage/alerts.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { claimDueMail, type Mail, markMailFailed, markMailSent } from '../../storage/mails.ts'

export const passwordPurpose = 'mail password'

/** A server that dies with a mail in its hands leaves it to others after this long; the mail server may then get it twice, and never not at all. */
const claim = 10 * minute
const alert = { localAccountId: 0, kind: 'mail not sent', subject: 'mail' }
const refusedAlert = { localAccountId: 0, kind: 'mail recipient refused' }

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
      const refused = await sendMail(rest, password, outgoing(mail, rest.from))
      await clearAlert(db, alert, context.clock.now())
      await tellDelivery(context, mail, refused)
    } catch (error) {
      await tellFailure(context, mail, (error as Error).message)
    }
  }
}

/**
 * Whom the mail server took it for has it, and does not get it again. The others are tried until the mail is a day old: a mailbox may be full for
 * some hours; one that is not there never takes any.
 */
async function tellDelivery(context: Context, mail: Mail, refused: string[]): Promise<void> {
  const { db } = context.storage
  const at = context.clock.now()
  for (const subject of mail.recipients.filter(each => !refused.includes(each))) await clearAlert(db, { ...refusedAlert, subject }, at)
  if (refused.length === 0) return markMailSent(db, mail.id, at)
  const failure = refusedSentence(refused)
  context.log.warn({ mail: mail.id, attempts: mail.attempts }, failure)
  const givesUp = at >= later(mail.createdAt, mailRefusedLife)
  await markMailFailed(db, mail.id, { failure, nextAt: givesUp ? null : mailRetryAt(mail.attempts, at), recipients: refused })
  if (!givesUp) return
  const action = "Correct the address: an account's own stands on its page, those of the server in the settings of mail."
  for (const subject of refused) {
    const message = `The mail server has not taken mail for ${subject} for a day: "${mail.subject}" was given up.`
    await raiseAlert(db, { ...refusedAlert, subject, severity: 'minor', source: 'Mail', message, action, at })
  }
}

const outgoing = (mail: Mail, from: string) => ({
  to: mail.recipients,
  subject: mail.subject,
  text: mail.body,
  messageId: `<quartermaster-${mail.id}-${mail.createdAt.getTime()}@${from.split('@')[1]}>`,
  date: mail.createdAt,
  attachment: mail.attachment,
})

async function tellFailure(context: Context, mail: Mail, failure: string): Promise<void> {
  const { db } = context.storage
  const at = context.clock.now()
  context.log.warn({ mail: mail.id, attempts: mail.attempts }, failure)
  await markMailFailed(db, mail.id, { failure, nextAt: mailRetryAt(mail.attempts, at), recipients: mail.recipients })
  if (mail.attempts < mailAttemptsBeforeAlert) return
  const action = 'Check the settings of mail, and the mail server. What waits is sent when it can be.'
  await raiseAlert(db, { ...alert, severity: 'major', source: 'Mail', message: failure, action, at })
}
