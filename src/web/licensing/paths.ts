/** Every URL of the Licensing workspace. `account` is a Local Account's uuid, or `:localAccount` where a route is declared. */
export const licensingPaths = {
  overview: (account: string) => `/accounts/${account}`,
}
