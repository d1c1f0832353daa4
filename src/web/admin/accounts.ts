import { accountStanding } from '../../rules/accounts.ts'
import { synchronizationExpiresAt } from '../../rules/synchronization.ts'
import { findAccountNumbers, listAdminAccounts } from '../../storage/pages/adminAccounts.ts'
import { listSynchronizations } from '../../storage/synchronizations.ts'
import { show } from '../render.ts'
import { type AccountVisit, queried, type Visit } from '../visit.ts'

const listView = { page: 'admin/accounts/index.njk', fragment: 'admin/accounts/_table.njk' }
const accountView = { page: 'admin/accounts/account.njk', fragment: 'admin/accounts/_synchronization.njk' }
const rows = 50
const exchangesShown = 10

/** Every Local Account with its standing; by name, found by a part of it. */
export async function accountsPage(visit: Visit): Promise<void> {
  const search = (queried(visit, 'search') ?? '').trim().slice(0, 100)
  const after = (queried(visit, 'after') ?? '').slice(0, 200)
  const found = await listAdminAccounts(visit.context.storage.pages, { search, after, limit: rows + 1 })
  const accounts = found.slice(0, rows).map(account => ({ ...account, standing: accountStanding(account, visit.now) }))
  const last = found.length > rows ? accounts.at(-1) : undefined
  show(visit, listView, { search, after, accounts, next: last?.name })
}

/** One account: what it is, how it stands with the cloud, and its last exchanges. The part about the cloud refreshes by itself. */
export const accountPage = async (visit: AccountVisit): Promise<void> => show(visit, accountView, await accountModel(visit))

/** What the account's page shows; also what stands behind the confirmation of a synchronization. */
export async function accountModel({ context, account, now }: AccountVisit) {
  const { pages } = context.storage
  const [numbers, exchanges] = await Promise.all([
    findAccountNumbers(pages, account.id),
    listSynchronizations(pages, account.id, { limit: exchangesShown }),
  ])
  const [latest] = exchanges
  return {
    account,
    numbers,
    exchanges,
    latest,
    running: latest?.carrier === 'network' && (latest.state === 'prepared' || latest.state === 'outstanding'),
    standing: accountStanding(account, now),
    expiresAt: account.lastSynchronizedAt && synchronizationExpiresAt(account.lastSynchronizedAt),
  }
}
