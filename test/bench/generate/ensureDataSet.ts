import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../src/clock.ts'
import { readConfig } from '../../../src/config.ts'
import { day } from '../../../src/rules/clock.ts'
import { openShelves } from '../../../src/server/shelves.ts'
import { stopPostmaster } from '../../../src/storage/cluster/postmaster.ts'
import { type DataSet, findDataSet, keepDataSet, licensingRootIn, schemaHash } from './dataSet.ts'
import { generate } from './generate.ts'
import type { Told } from './progress.ts'
import { type Size, sizes } from './sizes.ts'

/**
 * Makes the data set of a size in a folder, or finds it there. Without DATABASE_URL it is a cluster of the folder's own, with real fsync.
 */
export async function ensureDataSet(folder: string, size: Size, told: Told): Promise<DataSet> {
  const found = findDataSet(folder, size)
  if (found) return found
  await clear(folder)
  const [began, schema] = [performance.now(), schemaHash()]
  const { context, close } = await openShelves(readConfig(settingsFor(folder)))
  try {
    const now = new Date(Math.floor(systemClock.now().getTime() / day) * day)
    const made = await generate({ ...context, clock: { now: () => now } }, folder, sizes[size], told)
    return keepDataSet(folder, { ...made, schema, size, now: now.toISOString(), seconds: Math.round((performance.now() - began) / 1000) })
  } finally {
    await close()
  }
}

/** The settings of a server on a data set. */
export const settingsFor = (folder: string): NodeJS.ProcessEnv => ({
  DATABASE_URL: process.env.DATABASE_URL,
  QUARTERMASTER_DATA: folder,
  QUARTERMASTER_LICENSING_ROOT: licensingRootIn(folder),
  QUARTERMASTER_LOG_LEVEL: 'warn',
})

/** Says whose a folder is, so that nothing else is ever thrown away. */
const mark = 'made-by-the-benchmark'

/** Makes an empty folder of a new one or of an earlier data set. Refuses any other that holds something. */
async function clear(folder: string): Promise<void> {
  const isOurs = existsSync(join(folder, mark))
  if (!isOurs && existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Error(`${folder} holds something that is no data set: name another folder.`)
  }
  if (isOurs) await stopPostmaster(join(folder, 'postgres'))
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, mark), '')
}
