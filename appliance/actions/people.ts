import { z } from 'zod'
import { checkPassword, type PasswordPolicy, standardPasswords } from '../../src/rules/passwords.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { action, type Profile, profiles } from './action.ts'
import { serverProgram } from './programs.ts'

/** Who sits at the console. */
export const consoleUser = 'admin'
const callers = ['console'] as const
const username = z
  .string()
  .regex(/^[\w.@-]{1,64}$/, 'This is no user name.')
  .describe('which user of the workspaces')

/** "15 characters, four classes, … 8 characters changed" in the STIG profile. */
const policies: Record<Profile, PasswordPolicy> = {
  standard: standardPasswords,
  stig: { minimumLength: 15, minimumClasses: 4, minimumChanged: 8 },
}

export const password = action({
  name: 'password',
  subject: 'people',
  sentence: "Change the console's password",
  input: z.strictObject({
    current: z.string().max(256).describe('the present password'),
    password: z.string().max(256).describe('the new password').meta({ twice: true }),
  }),
  secrets: ['current', 'password'],
  profiles,
  callers,
  async run({ current, password: next }, machine) {
    const known = await machine.run('/usr/sbin/unix_chkpwd', [consoleUser, 'nonull'], { input: `${current}\0` })
    refuseUnless(known.code === 0, 'INVALID', 'This is not the present password.', 'current')
    checkPassword(next, consoleUser, current, policies[machine.profile])
    refuseUnless(!/[\n\r\0:]/.test(next), 'INVALID', 'Leave out ":" and line ends.', 'password')
    const changed = await machine.run('/usr/sbin/chpasswd', [], { input: `${consoleUser}:${next}\n` })
    refuseUnless(changed.code === 0, 'INVALID', `The password was not changed: ${reasonIn(changed.err)}`, 'password')
    return { user: consoleUser, changed: true }
  },
})

/** What PAM says of a password stands before what chpasswd says of PAM. */
const reasonIn = (said: string) =>
  said
    .trim()
    .split('\n')
    .find(line => !line.startsWith('chpasswd:')) ?? said.trim()

export const resetAdministrator = action({
  name: 'reset_admin_password',
  subject: 'people',
  sentence: 'The way back in: a new password for an administrator of the workspaces, shown once',
  input: z.strictObject({ username }),
  positionals: ['username'],
  profiles,
  callers,
  anywhere: true,
  confirm: ({ username: name }) => name,
  run: ({ username: name }, machine) => serverProgram(machine, ['administrator', 'reset', name]),
})

export const unlock = action({
  name: 'unlock',
  subject: 'people',
  sentence: 'Let somebody sign in again whom failed sign-ins locked out',
  input: z.strictObject({ username }),
  positionals: ['username'],
  profiles,
  callers,
  anywhere: true,
  run: ({ username: name }, machine) => serverProgram(machine, ['unlock', name]),
})
