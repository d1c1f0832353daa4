import { fileNameOf } from '../../cloud/file.ts'
import type { ExchangeState } from '../../rules/exchanges.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { findLocalAccountByUuid } from '../../storage/localAccounts.ts'
import { listExchangeRows } from '../../storage/pages/adminSynchronization.ts'
import { getExchangeFile, getSynchronization } from '../../storage/synchronizations.ts'
import { readExchange } from '../../synchronization/readExchange.ts'
import { show } from '../render.ts'
import { type AccountVisit, parameter, queried, type Visit } from '../visit.ts'

const listView = { page: 'admin/synchronization/exchanges.njk', fragment: 'admin/synchronization/_exchanges.njk' }
const exchangeView = { page: 'admin/synchronization/exchange.njk', fragment: 'admin/synchronization/_exchange.njk' }
const rows = 50
const filters: Record<string, ExchangeState[]> = {
  waiting: ['prepared', 'outstanding'],
  applied: ['applied'],
  troubled: ['refused', 'failed'],
  cancelled: ['cancelled'],
}

/** Every exchange of every account, or of one: "every one, what was in it, both files". */
export async function exchangesPage(visit: Visit): Promise<void> {
  const { pages } = visit.context.storage
  const of = await findLocalAccountByUuid(pages, queried(visit, 'account') ?? '')
  const filter = Object.keys(filters).find(name => name === queried(visit, 'state')) ?? ''
  const after = Number(queried(visit, 'after')) || null
  const found = await listExchangeRows(pages, { localAccountId: of?.id ?? null, state: filters[filter] ?? null, after, limit: rows + 1 })
  const exchanges = found.slice(0, rows)
  show(visit, listView, { exchanges, of, filter, after, next: found.length > rows ? exchanges.at(-1)?.id : undefined })
}

async function find(visit: AccountVisit) {
  const id = /^\d{1,15}$/.test(parameter(visit, 'exchange')) ? Number(parameter(visit, 'exchange')) : 0
  return getSynchronization(visit.context.storage.pages, { localAccountId: visit.account.id, id })
}

/** One exchange: how it went, and what was in it. */
export async function exchangePage(visit: AccountVisit): Promise<void> {
  const exchange = await find(visit)
  show(visit, exchangeView, { exchange, contents: await readExchange(visit.context, exchange) })
}

/** One of its two files, as it was. */
export const exchangeFile =
  (which: 'request' | 'response') =>
  async (visit: AccountVisit): Promise<void> => {
    const exchange = await find(visit)
    const file = await getExchangeFile(visit.context.storage.pages, exchange, which)
    refuseUnless(file, 'NOT_FOUND', 'This exchange has no such file.')
    visit.response
      .attachment(fileNameOf(visit.account, exchange, which))
      .type('application/json')
      .send(file)
  }
