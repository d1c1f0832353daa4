import { changePassword } from '../administration/changePassword.ts'
import { policyWords } from '../rules/passwords.ts'
import { paths } from './paths.ts'
import { orForm } from './refusals.ts'
import { goTo, say, show } from './render.ts'
import { field, type Visit } from './visit.ts'

const view = { page: 'public/password.njk', fragment: 'public/password.njk' }
const model = ({ security }: Visit) => ({ policy: policyWords(security.passwords) })

/** The form to change one's own password; the only page of somebody who must. */
export const passwordPage = (visit: Visit): void => show(visit, view, model(visit))

/** The new password. */
export const passwordSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const change = { former: field(visit, 'former'), password: field(visit, 'password'), repeated: field(visit, 'repeated') }
      await changePassword(visit.context, visit.user, visit.session.idHash, change)
      await say(visit, { tone: 'success', words: 'Your password was changed.' })
      goTo(visit, paths.home)
    },
  )
