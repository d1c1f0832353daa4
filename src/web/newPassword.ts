import { resetWithCode } from '../administration/resetWithCode.ts'
import { policyWords } from '../rules/passwords.ts'
import { findSecuritySettings } from '../storage/securitySettings.ts'
import { paths } from './paths.ts'
import { orForm } from './refusals.ts'
import { show } from './render.ts'
import { browserOf } from './signIn.ts'
import { field, type Visitor } from './visit.ts'

const view = { page: 'public/newPassword.njk', fragment: 'public/newPassword.njk' }
const doneView = { page: 'public/onward.njk', fragment: 'public/onward.njk' }

/** Nobody who has forgotten the present password is asked to differ from it. */
async function model({ context }: Visitor) {
  const { passwords } = await findSecuritySettings(context.storage.pages)
  return { policy: policyWords({ ...passwords, minimumChanged: 0 }) }
}

/** For whoever was given a code by an administrator. */
export const newPasswordPage = async (visitor: Visitor): Promise<void> => show(visitor, view, await model(visitor))

/** A new password, by a code that is good once. */
export const newPasswordSubmitted = (visitor: Visitor): Promise<void> =>
  orForm(
    visitor,
    view,
    () => model(visitor),
    async () => {
      const [username, code] = [field(visitor, 'username'), field(visitor, 'code')]
      const [password, repeated] = [field(visitor, 'password'), field(visitor, 'repeated')]
      await resetWithCode(visitor.context, { username, code, password, repeated, address: browserOf(visitor).address })
      show(visitor, doneView, { title: 'Your password is changed', words: 'Sign in with the new one.', to: paths.signIn })
    },
  )
