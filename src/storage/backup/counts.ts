import type { Db } from '../db.ts'

/** How many rows each table has. */
export type Counts = Record<string, number>

/** Anything that answers a question: knex's pool, or one connection. */
export type Ask = (sql: string) => Promise<Record<string, unknown>[]>

export const asking =
  (db: Db): Ask =>
  async sql =>
    (await db.raw(sql)).rows

/** Counts every table of the schema, to be compared with what is restored. */
export async function countRows(ask: Ask): Promise<Counts> {
  const tables = await ask(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public' and tablename not like 'migrations%' order by tablename`,
  )
  if (tables.length === 0) return {}
  const counted = await ask(
    tables.map(({ name }) => `select '${name}' as name, count(*)::float8 as count from public.${name}`).join(' union all '),
  )
  return Object.fromEntries(counted.map(({ name, count }) => [name as string, Number(count)]))
}
