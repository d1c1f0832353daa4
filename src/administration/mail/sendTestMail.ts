import type { Context } from '../../context.ts'
import { refusedSentence, sendMail } from '../../mail/smtp.ts'
import { checkMailSettings } from '../../rules/mail.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { isEmail } from '../../rules/registrations.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { passwordPurpose } from './sendDueMails.ts'

/** Sends one mail at once, past the queue, and refuses with what the mail server said: for whoever sets it up. */
export async function sendTestMail(context: Context, { to }: { to: string }): Promise<void> {
  const settings = await findMailSettings(context.storage.db)
  refuseUnless(settings, 'INVALID', 'Say first where mail goes out.', 'host')
  refuseUnless(isEmail(to), 'INVALID', 'Give an e-mail address such as name@example.com.', 'to')
  const { sealedPassword, ...rest } = settings
  const password = sealedPassword && context.secrets.open(sealedPassword, passwordPurpose).toString('utf8')
  const date = context.clock.now()
  const refused = await sendMail(checkMailSettings(rest), password, {
    to: [to],
    subject: 'Quartermaster: test',
    text: 'This mail was sent to see whether mail goes out. It does.\n',
    messageId: `<quartermaster-test-${date.getTime()}@${rest.from.split('@')[1]}>`,
    date,
  })
  refuseUnless(refused.length === 0, 'MAIL_NOT_SENT', refusedSentence(refused), 'to')
}
