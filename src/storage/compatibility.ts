import type { Db } from './db.ts'

/**
 * Which releases may work on the database: those that know schema `leastKnown`. `kept`: the schema of the release that is kept to be gone back to.
 * A database from before releases said so has neither.
 */
export type Compatibility = { leastKnown: number; kept: number | null }

const isThere = async (db: Db): Promise<boolean> =>
  (await db.raw(`select to_regclass('public.schema_compatibility') is not null as there`)).rows[0].there

export async function findCompatibility(db: Db): Promise<Compatibility> {
  const row = (await isThere(db)) ? await db('schema_compatibility').first() : undefined
  return { leastKnown: row?.least_known ?? 0, kept: row?.kept ?? null }
}

/** Keeps the database fit for a release with this schema: what such a release could not live with waits. */
export async function keepFitFor(db: Db, schema: number): Promise<void> {
  if (await isThere(db)) await db('schema_compatibility').update({ kept: schema })
}

/** From now on only releases that know `schema` may work on it. */
export const raiseLeastKnown = (tx: Db, schema: number): Promise<unknown> =>
  tx.raw('update schema_compatibility set least_known = greatest(least_known, ?)', [schema])
