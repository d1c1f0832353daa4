import { parseArgs } from 'node:util'
import type { Config } from '../config.ts'
import { serverVersion } from '../release.ts'
import { findCompatibility } from '../storage/compatibility.ts'
import { migrate, newestKnown, schemaNumber } from '../storage/migrate.ts'
import { withStorage } from './database.ts'

/** `migrate [--keep SCHEMA]`: brings the database to the schema of this release, fit to be gone back from to a release of schema `--keep`. */
export function migrateDatabase(config: Config, words: string[]): Promise<string> {
  const { values } = parseArgs({ args: words, options: { keep: { type: 'string' } } })
  if (values.keep !== undefined && !/^\d{1,4}$/.test(values.keep)) throw new Error('Say the number of a schema: --keep 31.')
  return withStorage(config, async ({ db }) => {
    await migrate(db, { ...(values.keep && { keep: Number(values.keep) }) })
    return `The database has schema ${await schemaNumber(db)}.`
  })
}

/** `schema`: what the database is at and what this release knows, as JSON; it changes nothing. `fits`: whether this release may work on it. */
export const describeSchema = (config: Config): Promise<string> =>
  withStorage(config, async ({ db }) => {
    const [schema, known, { leastKnown }] = [await schemaNumber(db), newestKnown(), await findCompatibility(db)]
    return JSON.stringify({ release: serverVersion, schema, known, leastKnown, fits: leastKnown <= known })
  })
