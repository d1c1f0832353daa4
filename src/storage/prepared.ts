import type { Knex } from 'knex'
import type { Db } from './db.ts'

const names = new Map<string, string>()

/**
 * Runs a statement that every message runs: each connection has the database read and plan it once, by a name, and sends only its values from
 * then on. `sql` is one of few constant texts, never one that is put together: both sides keep each of them for good.
 */
export function runPrepared(db: Db, sql: string, bindings: readonly Knex.RawBinding[] | Knex.ValueDict): Knex.Raw {
  const name = names.get(sql) ?? `statement_${names.size + 1}`
  names.set(sql, name)
  return db.raw(sql, bindings as Knex.ValueDict).options({ name })
}
