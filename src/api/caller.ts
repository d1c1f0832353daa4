import { hashApiSecret } from '../administration/apiSecrets.ts'
import { type ApiScope, clientInForce, roleOfClient } from '../rules/apiClients.ts'
import { type Act, may, type Person, type Place, reachOf } from '../rules/roles.ts'
import { findApiTokenHolder } from '../storage/apiTokens.ts'
import type { Db } from '../storage/db.ts'

/** Who calls. `who` is the one whom the event log names; each of `holders` must be allowed what is done. */
export type Caller = { clientId: string; who: Person; holders: Person[]; scopes: ReadonlySet<ApiScope> }

/** The caller behind an access token; undefined when it is none of ours, has ended, or its client has. */
export async function findCaller(db: Db, accessToken: string, now: Date): Promise<Caller | undefined> {
  const holder = await findApiTokenHolder(db, hashApiSecret(accessToken))
  if (!holder || holder.expiresAt <= now || !clientInForce(holder.client, now)) return undefined
  const client: Person = { kind: 'api-client', name: holder.client.name, assignments: [roleOfClient(holder.client)] }
  const user: Person | null = holder.user && { kind: 'user', name: holder.user.username, assignments: holder.user.assignments }
  return {
    clientId: holder.client.clientId,
    who: user ?? client,
    holders: user ? [client, user] : [client],
    scopes: new Set(holder.scopes),
  }
}

/** Whether the caller may do an act in a place. A token that was given for a person's password allows what both the client and the person may. */
export const callerMay = (caller: Caller, act: Act, place?: Place): boolean => caller.holders.every(holder => may(holder, act, place))

/** How far the caller's act reaches in an account: the part that each of its holders reaches. */
export function reachOfCaller(caller: Caller, act: Act, localAccountId: number): 'all' | number[] {
  const parts = caller.holders.map(holder => reachOf(holder, act, localAccountId)).filter(reach => reach !== 'all')
  return parts.length === 0 ? 'all' : parts.reduce((common, part) => common.filter(id => part.includes(id)))
}
