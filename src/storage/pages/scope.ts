/** What of a Local Account a page may show: all of it, or the Local Virtual Accounts that a person reaches there. */
export type Scope = { localAccountId: number; reach: 'all' | number[] }

/** A scope narrowed to one Local Virtual Account, which a filter names; one that lies outside shows nothing. */
export function narrowed(scope: Scope, localVirtualAccountId: number | undefined): Scope {
  if (localVirtualAccountId === undefined) return scope
  const inside = scope.reach === 'all' || scope.reach.includes(localVirtualAccountId)
  return { ...scope, reach: inside ? [localVirtualAccountId] : [] }
}

/** The condition that keeps a query within a scope, on the table called `alias`; its bindings are `scopeBindings`. */
export const within = (scope: Scope, alias: string, column = 'local_virtual_account_id'): string =>
  scope.reach === 'all'
    ? `${alias}.local_account_id = :account`
    : `${alias}.local_account_id = :account and ${alias}.${column} = any(:places::integer[])`

/** What `within` refers to. */
export const scopeBindings = ({ localAccountId, reach }: Scope) => ({ account: localAccountId, places: reach === 'all' ? [] : reach })
