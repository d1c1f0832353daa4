import type { Context } from '../context.ts'
import { generatePassword } from '../directory/localPasswords.ts'
import type { Person } from '../rules/roles.ts'
import { addUser } from './addUser.ts'
import { assignRole } from './assignRole.ts'
import { resetPassword } from './resetPassword.ts'

export type AdministratorWish = {
  username: string
  /** Somebody who exists gets a new password, and the role if it was lost; a second factor is taken away. */
  reset?: boolean
  /** The laboratory, which keeps the password in a file of its own, does not ask for a new one. */
  mustChangePassword: boolean
}

/**
 * `server administrator create|reset`: a System Administrator with a generated password, which is given here and nowhere kept: "no built-in
 * secret of any kind; generated, shown once". Refuses a name that is taken, and to reset one that is not there.
 */
export async function createAdministrator(context: Context, who: Person, wish: AdministratorWish): Promise<{ password: string }> {
  const { username, mustChangePassword } = wish
  if (wish.reset) {
    const reset = await resetPassword(context, who, { username, mustChangePassword, withSecondFactor: true })
    await assignRole(context, who, username, { role: 'system-administrator' })
    return reset
  }
  const password = generatePassword()
  await addUser(context, who, { username, password, mustChangePassword, assignments: [{ role: 'system-administrator' }] })
  return { password }
}
