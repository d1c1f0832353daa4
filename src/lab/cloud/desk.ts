import type { Clock } from './clock.ts'
import type { Copies } from './copies.ts'
import type { Database } from './store/database.ts'

/** What every door of this cloud works with. */
export type Desk = {
  database: Database
  clock: Clock
  copies: Copies
  /** Seconds that a server is told to wait before it asks for its answer. */
  pollSeconds: number
}
