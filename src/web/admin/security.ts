import { z } from 'zod'
import { changeSecurity } from '../../administration/security/changeSecurity.ts'
import { secondFactorRules } from '../../rules/secondFactor.ts'
import { readableSecurity, type SecurityNumber, securityNumbers, stigSecurity, writtenSecurity } from '../../rules/security.ts'
import { findSecuritySettings } from '../../storage/securitySettings.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import type { Visit } from '../visit.ts'

const view = { page: 'admin/security/index.njk', fragment: 'admin/security/_security.njk' }

async function model({ context }: Visit) {
  const settings = await findSecuritySettings(context.storage.pages)
  return { settings: readableSecurity(settings), banner: settings.banner, secondFactor: settings.secondFactor }
}

/** Security: what local sign-ins are held to. */
export const securityPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

/** What is left empty is no number, and not 0. */
const number = z.string().transform(text => (text.trim() === '' ? Number.NaN : Number(text)))
const form = z.record(z.enum([...(Object.keys(securityNumbers) as SecurityNumber[]), 'inactiveDays']), number)
const bannerForm = z.object({
  banner: z.string().default(''),
  consent: z.literal('on').optional(),
  secondFactor: z.enum(secondFactorRules, 'Choose who needs one.'),
})

/** Other settings, which hold from now on. */
export const securitySubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { banner, consent, secondFactor } = readForm(visit, bannerForm)
      const known = new Set([...Object.keys(securityNumbers), 'inactiveDays'])
      const body = visit.request.body as Record<string, unknown>
      const numbers = form.parse(Object.fromEntries([...known].map(name => [name, typeof body[name] === 'string' ? body[name] : ''])))
      await changeSecurity(visit.context, visit.person, writtenSecurity(numbers, { text: banner, consent: consent === 'on' }, secondFactor))
      await say(visit, { tone: 'success', words: 'The settings are kept, and hold from now on.' })
      goTo(visit, paths.admin.security)
    },
  )

/** "STIG values in the STIG profile", here by one button. */
export const strictSecuritySubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.security, async () => {
    await changeSecurity(visit.context, visit.person, stigSecurity)
    await say(visit, { tone: 'success', words: 'The strict values hold from now on.' })
    goTo(visit, paths.admin.security)
  })
