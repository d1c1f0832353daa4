import type { LocalAccount, LocalVirtualAccount } from '../rules/accounts.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import type { Db } from '../storage/db.ts'
import { findLocalAccountByNameOrUuid } from '../storage/localAccounts.ts'
import { findLocalVirtualAccountByNameOrId, listLocalVirtualAccounts } from '../storage/localVirtualAccounts.ts'
import type { Scope } from '../storage/pages/scope.ts'
import { type Caller, callerMay, reachOfCaller } from './caller.ts'
import type { CallRoute } from './route.ts'

/** What a call is about: nothing, an account, or a Local Virtual Account of one. */
export type Found = { account?: LocalAccount; scope?: Scope; place?: LocalVirtualAccount }

/** Said of what is not there and of what belongs to others, so that nobody learns which it is. */
const noAccount = 'There is no such Local Account, or it is not for this client to see.'
const noPlace = 'There is no such Local Virtual Account, or it is not for this client to see.'
const notAllowed = 'The client, or the person it acts for, may not do this here.'

/**
 * Finds what the path names and refuses whoever may not do the route's act there. "401/403/404 do not tell whether an account exists": only who
 * sees a place at all is told that the act is not theirs.
 */
export async function findPlaceOf(db: Db, route: CallRoute, caller: Caller, parameters: Record<string, string>): Promise<Found> {
  if (route.where === 'server') return {}
  const account = await findLocalAccountByNameOrUuid(db, parameters.account ?? '')
  refuseUnless(account && callerMay(caller, 'see account', { localAccountId: account.id }), 'NOT_FOUND', noAccount)
  const reach = reachOfCaller(caller, route.act, account.id)
  const scope = { localAccountId: account.id, reach }
  if (route.where === 'virtual account') return { account, scope, place: await findPlace(db, route, caller, account, parameters) }
  refuseUnless(reach === 'all' || (route.where === 'account' && reach.length > 0), 'NOT_ALLOWED', notAllowed)
  return { account, scope }
}

async function findPlace(db: Db, route: CallRoute, caller: Caller, account: LocalAccount, parameters: Record<string, string>) {
  const found = await findLocalVirtualAccountByNameOrId(db, account.id, parameters.virtualAccount ?? '')
  const where = { localAccountId: account.id, localVirtualAccountId: found?.id ?? 0 }
  refuseUnless(found && callerMay(caller, 'see licenses', where), 'NOT_FOUND', noPlace)
  refuseUnless(callerMay(caller, route.act, where), 'NOT_ALLOWED', notAllowed)
  return found
}

/** A Local Virtual Account of a scope by its name or number. Refuses one that is not in it in the words of one that is not there. */
export async function findPlaceInAccount(db: Db, scope: Scope, text: string): Promise<LocalVirtualAccount> {
  const found = await findLocalVirtualAccountByNameOrId(db, scope.localAccountId, text)
  refuseUnless(found && isWithin(scope, found.id), 'NOT_FOUND', noPlace)
  return found
}

/** The part of a scope that a list is narrowed to by names or numbers of Local Virtual Accounts. Refuses one that is not in the scope. */
export async function narrowTo(db: Db, scope: Scope, names: string[] | undefined): Promise<Scope> {
  if (!names || names.length === 0) return scope
  const all = await listLocalVirtualAccounts(db, scope.localAccountId)
  const seen = all.filter(({ id }) => isWithin(scope, id))
  const ids = names.map(name => {
    const found = seen.find(place => place.name.toLowerCase() === name.toLowerCase()) ?? seen.find(place => String(place.id) === name)
    if (!found)
      throw new Refusal('INVALID', `virtualAccounts: There is no Local Virtual Account "${name}", or it is not for this client to see.`)
    return found.id
  })
  return { ...scope, reach: [...new Set(ids)] }
}

/** Whether a Local Virtual Account lies in a scope. */
export const isWithin = ({ reach }: Scope, localVirtualAccountId: number): boolean =>
  reach === 'all' || reach.includes(localVirtualAccountId)
