import { canBe } from '../../rules/accountLife.ts'
import { accountStanding, type LocalAccountState } from '../../rules/accounts.ts'
import { waitsForCourier } from '../../rules/exchanges.ts'
import { synchronizationAdvisedAt, synchronizationExpiresAt } from '../../rules/synchronization.ts'
import { findAccountAtAGlance } from '../../storage/pages/accountAtAGlance.ts'
import { listAccountEvents, listAdminAccounts } from '../../storage/pages/adminAccounts.ts'
import { listSynchronizations } from '../../storage/synchronizations.ts'
import { eventTones } from '../licensing/eventKinds.ts'
import { show } from '../render.ts'
import { type AccountVisit, queried, type Visit } from '../visit.ts'

const listView = { page: 'admin/accounts/index.njk', fragment: 'admin/accounts/_table.njk' }
const requestsView = { page: 'admin/accounts/requests.njk', fragment: 'admin/accounts/_requests.njk' }
const eventsView = { page: 'admin/accounts/events.njk', fragment: 'admin/accounts/_events.njk' }
const accountView = { page: 'admin/accounts/account.njk', fragment: 'admin/accounts/_synchronization.njk' }
const rows = 50
const exchangesShown = 10

/** Accounts in some states, a screenful, as the query asks for them. */
async function accountsIn(visit: Visit, states: LocalAccountState[]) {
  const search = (queried(visit, 'search') ?? '').trim().slice(0, 100)
  const after = (queried(visit, 'after') ?? '').slice(0, 200)
  const found = await listAdminAccounts(visit.context.storage.pages, { states, search, after, limit: rows + 1 })
  const accounts = found.slice(0, rows).map(account => ({ ...account, standing: accountStanding(account, visit.now) }))
  return { search, after, accounts, next: found.length > rows ? accounts.at(-1)?.name : undefined }
}

/** Every Local Account with its standing; by name, found by a part of it. */
export const accountsPage = async (visit: Visit): Promise<void> =>
  show(visit, listView, await accountsIn(visit, ['requested', 'approved', 'registered', 'inactive']))

/** What was asked for and is not registered: what waits, and what was rejected. */
export const requestsPage = async (visit: Visit): Promise<void> =>
  show(visit, requestsView, await accountsIn(visit, ['requested', 'approved', 'rejected']))

/** What was decided about accounts, and by whom. */
export async function accountEventsPage(visit: Visit): Promise<void> {
  const after = Number(queried(visit, 'after')) || null
  const found = await listAccountEvents(visit.context.storage.pages, { after, limit: rows + 1 })
  const events = found.slice(0, rows)
  show(visit, eventsView, { events, after, next: found.length > rows ? events.at(-1)?.id : undefined, eventTones })
}

/** One account: what it is, how it stands with the cloud, and its last exchanges. The part about the cloud refreshes by itself. */
export const accountPage = async (visit: AccountVisit): Promise<void> => show(visit, accountView, await accountModel(visit))

/** What the account's page shows; also what stands behind the confirmation of a synchronization. */
export async function accountModel({ context, account, now }: AccountVisit) {
  const { pages } = context.storage
  const [glance, exchanges] = await Promise.all([
    findAccountAtAGlance(pages, account.id, now),
    listSynchronizations(pages, account.id, { limit: exchangesShown }),
  ])
  const [latest] = exchanges
  const underWay = latest && (latest.state === 'prepared' || latest.state === 'outstanding')
  return {
    account,
    ...glance,
    exchanges,
    latest,
    running: underWay && latest.carrier === 'network',
    carried: underWay && waitsForCourier(latest, now),
    standing: accountStanding(account, now),
    advisedAt: account.lastSynchronizedAt && synchronizationAdvisedAt(account.lastSynchronizedAt),
    expiresAt: account.lastSynchronizedAt && synchronizationExpiresAt(account.lastSynchronizedAt),
    can: {
      approve: canBe('approve', account),
      reject: canBe('reject', account),
      register: canBe('register', account),
      synchronize: canBe('synchronize', account),
      deactivate: canBe('deactivate', account),
      delete: canBe('delete', account),
    },
  }
}
