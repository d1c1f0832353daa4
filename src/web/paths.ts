import { licensingPaths } from './licensing/paths.ts'

/**
 * Every URL as a typed value, given to the templates too. A parameter is a uuid, a number or a user name, whose letters need no encoding;
 * routes.ts calls the same functions with `:name`.
 */
export const paths = {
  home: '/',
  signIn: '/sign-in',
  signOut: '/sign-out',
  password: '/password',
  theme: '/theme',
  accountPicker: '/account-picker',
  licensing: licensingPaths,
  admin: {
    home: '/admin',
    accounts: '/admin/accounts',
    newAccount: '/admin/accounts/new',
    account: (account: string) => `/admin/accounts/${account}`,
    synchronizations: (account: string) => `/admin/accounts/${account}/synchronizations`,
    users: '/admin/users',
    newUser: '/admin/users/new',
    user: (username: string) => `/admin/users/${username}`,
    disabling: (username: string) => `/admin/users/${username}/disabling`,
    enabling: (username: string) => `/admin/users/${username}/enabling`,
    unlocking: (username: string) => `/admin/users/${username}/unlocking`,
    passwordReset: (username: string) => `/admin/users/${username}/password-reset`,
  },
}

/** Where to go after a sign-in: a path of this site, or home. Anything that a browser could take for another site is not followed. */
export function pathOrHome(text: unknown): string {
  if (typeof text !== 'string' || !/^\/(?![/\\])[\w\-./?=&%~+,:@]*$/.test(text)) return paths.home
  const { origin, pathname, search } = new URL(text, 'https://here.invalid')
  return origin === 'https://here.invalid' && pathname !== paths.signIn ? pathname + search : paths.home
}
