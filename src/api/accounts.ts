import { z } from 'zod'
import { type LocalAccount, localAccountStates } from '../rules/accounts.ts'
import type { Db } from '../storage/db.ts'
import { listLocalAccounts } from '../storage/localAccounts.ts'
import { findPlannedSynchronizations } from '../storage/synchronizationSchedules.ts'
import { registerLocalAccount } from '../synchronization/registerLocalAccount.ts'
import { callerMay } from './caller.ts'
import { filledText, maybeMoment, maybeWritten, moment, written } from './fields.ts'
import { onServer, type Route } from './route.ts'
import { standingAnswer, standingEntry } from './standing.ts'

/** A Local Account, as answers tell of it. */
export const account = z.object({
  id: z.uuid(),
  name: z.string(),
  state: z.enum(localAccountStates),
  smartAccount: z.string(),
  virtualAccount: z.string(),
  requestedBy: z.string(),
  requestedAt: moment,
  decidedBy: z.string().nullable(),
  decisionReason: z.string().nullable(),
  registeredAt: maybeMoment,
  synchronization: z.object(standingAnswer),
})

/** The same, of those that are known. */
export async function accountEntries(db: Db, found: LocalAccount[], now: Date): Promise<z.input<typeof account>[]> {
  const ids = found.map(({ id }) => id)
  const planned = await findPlannedSynchronizations(db, ids)
  return found.map(each => entryOf(each, now, planned.get(each.id)))
}

/** And of one. */
export const accountEntry = async (db: Db, found: LocalAccount, now: Date): Promise<z.input<typeof account>> =>
  (await accountEntries(db, [found], now))[0]!

const entryOf = (found: LocalAccount, now: Date, plannedAt: Date | undefined): z.input<typeof account> => ({
  id: found.uuid,
  name: found.name,
  state: found.state,
  smartAccount: found.smartAccount.name,
  virtualAccount: found.virtualAccount.name,
  requestedBy: found.requestedBy,
  requestedAt: written(found.requestedAt),
  decidedBy: found.decidedBy,
  decisionReason: found.decisionReason,
  registeredAt: maybeWritten(found.registeredAt),
  synchronization: standingEntry(found, now, plannedAt),
})

export const accountRoutes: Route[] = [
  onServer({
    method: 'get',
    path: '/api/v1/accounts',
    operation: 'listAccounts',
    tag: 'Local Accounts',
    summary: 'List the Local Accounts that the client may see',
    scope: 'read',
    act: 'see account',
    answer: z.object({ accounts: z.array(account), totalRecords: z.int() }),
    async handle({ context, caller, now }) {
      const all = await listLocalAccounts(context.storage.pages)
      const seen = all.filter(({ id }) => callerMay(caller, 'see account', { localAccountId: id }))
      return { accounts: await accountEntries(context.storage.pages, seen, now), totalRecords: seen.length }
    },
  }),
  onServer({
    method: 'post',
    path: '/api/v1/accounts',
    operation: 'registerAccount',
    tag: 'Local Accounts',
    summary: 'Register a Local Account with the cloud over the network',
    description:
      'A call that was not answered may be made again as it was. Without a client of the cloud, the one of the server is used. An account that is refused stays as it was; a new one is then a request that waits.',
    scope: 'system',
    act: 'run server',
    body: z.object({
      name: filledText(100),
      smartAccount: filledText(100),
      virtualAccount: filledText(100),
      clientId: filledText(1024).optional(),
      clientSecret: filledText(1024).optional(),
    }),
    status: 201,
    answer: z.object({ account }),
    async handle({ context, caller, now, body: { clientId, clientSecret, ...request } }) {
      const credentials = clientId !== undefined && clientSecret !== undefined ? { clientId, clientSecret } : undefined
      const registered = await registerLocalAccount(context, caller.who, { ...request, credentials })
      return { account: await accountEntry(context.storage.db, registered, now) }
    },
  }),
]
