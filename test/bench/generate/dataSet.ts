import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { day } from '../../../src/rules/clock.ts'
import type { Size } from './sizes.ts'

/** Raised whenever the generator makes something else than before. */
const generator = 1
/** Lots end and certificates run out while a data set lies there: after this time it is made anew. */
const longestLife = 7 * day

/** What a data folder holds: written when all of it is there. */
export type DataSet = {
  generator: number
  /** Of the migrations that made the tables. */
  schema: string
  /** Of the address of the database; empty for a cluster in the folder itself. */
  database: string
  size: Size
  /** The moment that all its times are measured from: the midnight before it was made. */
  now: string
  accounts: { id: number; uuid: string; name: string; products: number; instances: number }[]
  /** The account that the benchmark registers in. */
  yard: number
  lastEvent: number
  seconds: number
  bytes: number
}

const fileIn = (folder: string) => join(folder, 'dataSet.json')
/** Where the parts of a data set lie. */
export const rosterIn = (folder: string): string => join(folder, 'fleet')
export const licensingRootIn = (folder: string): string => join(folder, 'licensing-root.pem')

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)
const databaseHash = (): string => (process.env.DATABASE_URL ? hashOf(process.env.DATABASE_URL) : '')

/** Where data sets are kept between two runs of the benchmark; one in a database that DATABASE_URL names has a folder of its own, for its keys. */
export function cacheFolder(size: Size): string {
  const cache = process.env.QUARTERMASTER_BENCH_DATA ?? join(tmpdir(), 'quartermaster-bench')
  return join(cache, [size, databaseHash()].filter(Boolean).join('-'))
}

/** A fingerprint of the tables: a data set of other tables is of no use. */
export function schemaHash(): string {
  const folder = new URL('../../../sql/', import.meta.url).pathname
  const hash = createHash('sha256')
  for (const file of globSync('0*.sql', { cwd: folder }).sort()) hash.update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}

/** The data set in a folder, if it is whole, of this size, of this generator and these tables, and not too old. */
export function findDataSet(folder: string, size: Size): DataSet | undefined {
  if (!existsSync(fileIn(folder))) return undefined
  const found: DataSet = JSON.parse(readFileSync(fileIn(folder), 'utf8'))
  const isFit = found.generator === generator && found.schema === schemaHash() && found.database === databaseHash() && found.size === size
  return isFit && Date.now() - Date.parse(found.now) < longestLife ? found : undefined
}

/** Writes down that a data set is whole. */
export function keepDataSet(folder: string, made: Omit<DataSet, 'generator' | 'database'>): DataSet {
  const dataSet = { generator, database: databaseHash(), ...made }
  writeFileSync(fileIn(folder), `${JSON.stringify(dataSet, null, 2)}\n`)
  return dataSet
}
