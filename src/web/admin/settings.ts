import { z } from 'zod'
import { changeMailSettings } from '../../administration/mail/changeMailSettings.ts'
import { sendTestMail } from '../../administration/mail/sendTestMail.ts'
import { turnSwitch } from '../../administration/turnSwitch.ts'
import { mailSecurities } from '../../rules/mail.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { countWaitingMails } from '../../storage/mails.ts'
import { isOn } from '../../storage/switches.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { field, type Visit } from '../visit.ts'

const view = { page: 'admin/settings/index.njk', fragment: 'admin/settings/_settings.njk' }

async function model({ context }: Visit) {
  const { pages } = context.storage
  const [stored, waiting, registrationTls] = await Promise.all([
    findMailSettings(pages),
    countWaitingMails(pages),
    isOn(pages, 'registrationTls'),
  ])
  const { sealedPassword = null, ...mail } = stored ?? {}
  return { mail: stored ? { ...mail, hasPassword: sealedPassword !== null } : undefined, waiting, registrationTls }
}

/** Settings: where mail goes out, with a test of it, and how product instances may register. */
export const settingsPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

const text = (most: number) => z.string().trim().max(most, `Keep it within ${most} characters.`).default('')
const mailForm = z.object({
  host: text(253),
  port: z.coerce.number({ message: 'Give a port from 1 to 65535.' }).default(587),
  security: z.enum(mailSecurities, { message: 'Choose TLS, STARTTLS or none.' }),
  user: text(255),
  password: z.string().max(1000, 'Keep the password within 1,000 characters.').default(''),
  from: text(254),
  recipients: text(5300),
  ca: text(50_000),
})

/** Where mail goes out. An empty password keeps the present one; without a user there is none. */
export const mailSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { password, user, recipients, ca, ...rest } = readForm(visit, mailForm)
      const settings = { ...rest, user: user || null, recipients: recipients.split(/[\s,;]+/).filter(Boolean), ca: ca || null }
      const kept = user === '' ? null : password || undefined
      await changeMailSettings(visit.context, visit.person, { settings, ...(kept !== undefined && { password: kept }) })
      await say(visit, { tone: 'success', words: 'The settings of mail are kept. Send a test to see whether mail goes out.' })
      goTo(visit, paths.admin.settings)
    },
  )

/** No mail goes out any more. */
export const mailRemovalSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.settings, async () => {
    await changeMailSettings(visit.context, visit.person, { settings: null })
    await say(visit, { tone: 'success', words: 'No mail goes out any more.' })
    goTo(visit, paths.admin.settings)
  })

/** "Mail (test)": one mail at once, and what the mail server said where it did not take it. */
export const mailTestSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const to = field(visit, 'to').trim()
      await sendTestMail(visit.context, { to })
      await say(visit, { tone: 'success', words: `The mail server has taken a test for ${to}.` })
      goTo(visit, paths.admin.settings)
    },
  )

/** Whether product instances may register without TLS. */
export const registrationTlsSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.settings, async () => {
    const required = field(visit, 'required') === 'yes'
    await turnSwitch(visit.context, visit.person, 'registrationTls', required)
    const words = `Product instances ${required ? 'must register over TLS' : 'may register without TLS'} from now on.`
    await say(visit, { tone: 'success', words })
    goTo(visit, paths.admin.settings)
  })
