import { readFileSync, writeFileSync } from 'node:fs'
import { openLine } from '../../../src/lab/product/agent/http.ts'
import { trustIn } from '../../../src/lab/product/agent/trust.ts'
import { makeKeyPool } from '../../../src/lab/product/fleet/keyPool.ts'
import { type Books, type Entry, openLedger } from '../../bench/soak/ledger.ts'
import { openProduct } from '../../bench/soak/product.ts'

/** What the process is told: where the pair is, and by what products register. */
export type FleetFile = { urls: string[]; token: string; tags: string[]; trust: string; count: number; ledger: string; books: string }

/** The books when they are closed, as the process leaves them. */
export type ClosedBooks = Omit<Books, 'entries'> & { entries: Entry[]; violations: string[]; reports: number }

/**
 * Products of a third namespace, as a process of its own: they register, report, renew and take their leave through the virtual addresses, and print
 * the moment of each answer that says it is done. SIGTERM: they finish what is open, and the books are closed.
 */
const told: FleetFile = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
const ledger = openLedger(told.ledger)
const line = openLine({ timeout: 3000 })
const pool = await makeKeyPool(8)
const say = () => process.stdout.write(`${Date.now()}\n`)
for (const name of ['registered', 'renewed', 'deregistered', 'reported'] as const) {
  const write = ledger[name].bind(ledger) as (...values: unknown[]) => void
  Object.assign(ledger, {
    [name]: (...values: unknown[]) => {
      write(...values)
      say()
    },
  })
}
const products = Array.from({ length: told.count }, (_, number) =>
  openProduct(number, {
    token: told.token,
    tags: told.tags,
    url: told.urls[number % told.urls.length]!,
    trust: trustIn(told.trust),
    line,
    ledger,
    makeKey: async () => pool.next(),
    random: Math.random,
    pace: 1000,
  }),
)
const end = new AbortController()
process.once('SIGTERM', () => end.abort())
await Promise.all(products.map(product => product.live(end.signal)))
for (const product of products) await product.settle()
const { entries, violations, registrations, renewals, deregistrations, reports } = ledger
const books: ClosedBooks = { entries: [...entries.values()], violations, registrations, renewals, deregistrations, reports }
writeFileSync(told.books, JSON.stringify(books))
process.exit(0)
