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
  accountRequests: '/account-requests',
  newAccountRequest: '/account-requests/new',
  licensing: licensingPaths,
  admin: {
    home: '/admin',
    accounts: '/admin/accounts',
    newAccount: '/admin/accounts/new',
    account: (account: string) => `/admin/accounts/${account}`,
    accountRequests: '/admin/accounts/requests',
    accountEvents: '/admin/accounts/events',
    approval: (account: string) => `/admin/accounts/${account}/approval`,
    rejection: (account: string) => `/admin/accounts/${account}/rejection`,
    properties: (account: string) => `/admin/accounts/${account}/properties`,
    productRemoval: (account: string) => `/admin/accounts/${account}/product-removal`,
    deactivation: (account: string) => `/admin/accounts/${account}/deactivation`,
    deletion: (account: string) => `/admin/accounts/${account}/deletion`,
    synchronizations: (account: string) => `/admin/accounts/${account}/synchronizations`,
    courier: (account: string) => `/admin/accounts/${account}/courier`,
    courierRequest: (account: string) => `/admin/accounts/${account}/courier/request`,
    courierResponse: (account: string) => `/admin/accounts/${account}/courier/response`,
    courierApplication: (account: string) => `/admin/accounts/${account}/courier/application`,
    courierCancellation: (account: string) => `/admin/accounts/${account}/courier/cancellation`,
    signInRemoval: (account: string) => `/admin/accounts/${account}/cloud-sign-in/removal`,
    synchronizationSettings: (account: string) => `/admin/accounts/${account}/synchronization-settings`,
    exchange: (account: string, id: string | number) => `/admin/accounts/${account}/exchanges/${id}`,
    exchangeFile: (account: string, id: string | number, file: string) => `/admin/accounts/${account}/exchanges/${id}/${file}.json`,
    synchronization: '/admin/synchronization',
    synchronizationDefaults: '/admin/synchronization/schedules',
    exchanges: '/admin/synchronization/exchanges',
    network: '/admin/network',
    connectionTest: '/admin/network/connection-test',
    proxy: '/admin/network/proxy',
    proxyRemoval: '/admin/network/proxy/removal',
    authorities: '/admin/network/authorities',
    authorityRemoval: (fingerprint: string) => `/admin/network/authorities/${fingerprint}/removal`,
    apiToolkit: '/admin/api',
    newApiClient: '/admin/api/clients/new',
    apiClients: '/admin/api/clients',
    apiClientRevocation: (client: string) => `/admin/api/clients/${client}/revocation`,
    settings: '/admin/settings',
    mail: '/admin/settings/mail',
    mailRemoval: '/admin/settings/mail/removal',
    mailTest: '/admin/settings/mail/test',
    registrationTls: '/admin/settings/registration-tls',
    upgrade: '/admin/upgrade',
    releases: '/admin/upgrade/releases',
    release: (name: string) => `/admin/upgrade/releases/${name}`,
    installation: (name: string) => `/admin/upgrade/releases/${name}/installation`,
    releaseDeletion: (name: string) => `/admin/upgrade/releases/${name}/deletion`,
    rollback: '/admin/upgrade/rollback',
    security: '/admin/security',
    securitySettings: '/admin/security/settings',
    trail: '/admin/security/trail',
    trailVerification: '/admin/security/trail/verification',
    trailExport: '/admin/security/trail/export',
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
