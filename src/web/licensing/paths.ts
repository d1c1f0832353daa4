/**
 * Every URL of the Licensing workspace. `account` is a Local Account's uuid, or `:localAccount` where a route is declared; a license is named
 * by its tag's number in the catalog.
 */
export const licensingPaths = {
  overview: (account: string) => `/accounts/${account}`,
  alerts: (account: string) => `/accounts/${account}/alerts`,
  alertReminder: (account: string, id: string | number) => `/accounts/${account}/alerts/${id}/reminder`,
  alertDismissal: (account: string, id: string | number) => `/accounts/${account}/alerts/${id}/dismissal`,
  alertReopening: (account: string, id: string | number) => `/accounts/${account}/alerts/${id}/reopening`,
  licenses: (account: string) => `/accounts/${account}/licenses`,
  licensesFile: (account: string, kind: string) => `/accounts/${account}/licenses.${kind}`,
  license: (account: string, tag: string | number) => `/accounts/${account}/licenses/${tag}`,
  licenseInstances: (account: string, tag: string | number) => `/accounts/${account}/licenses/${tag}/product-instances`,
  licenseEvents: (account: string, tag: string | number) => `/accounts/${account}/licenses/${tag}/events`,
  productInstances: (account: string) => `/accounts/${account}/product-instances`,
  productInstancesFile: (account: string, kind: string) => `/accounts/${account}/product-instances.${kind}`,
  instanceTransfer: (account: string) => `/accounts/${account}/product-instances/transfer`,
  instanceRemoval: (account: string) => `/accounts/${account}/product-instances/removal`,
  productInstance: (account: string, id: string) => `/accounts/${account}/product-instances/${id}`,
  productInstanceRemoval: (account: string, id: string) => `/accounts/${account}/product-instances/${id}/removal`,
  licenseTransfer: (account: string) => `/accounts/${account}/transfer`,
  licenseTransferReview: (account: string) => `/accounts/${account}/transfer/review`,
  virtualAccounts: (account: string) => `/accounts/${account}/virtual-accounts`,
  newVirtualAccount: (account: string) => `/accounts/${account}/virtual-accounts/new`,
  virtualAccount: (account: string, id: string | number) => `/accounts/${account}/virtual-accounts/${id}`,
  virtualAccountDeletion: (account: string, id: string | number) => `/accounts/${account}/virtual-accounts/${id}/deletion`,
  tokens: (account: string) => `/accounts/${account}/tokens`,
  newToken: (account: string) => `/accounts/${account}/tokens/new`,
  tokenSecret: (account: string, id: string) => `/accounts/${account}/tokens/${id}/secret`,
  tokenRevocation: (account: string, id: string) => `/accounts/${account}/tokens/${id}/revocation`,
  events: (account: string) => `/accounts/${account}/events`,
}
