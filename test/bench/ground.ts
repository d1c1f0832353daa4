import { systemClock } from '../../src/clock.ts'
import { readConfig } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { openShelves } from '../../src/server/shelves.ts'
import { cacheFolder, type DataSet } from './generate/dataSet.ts'
import { ensureDataSet, settingsFor } from './generate/ensureDataSet.ts'
import { openProgress } from './generate/progress.ts'
import type { Size } from './generate/sizes.ts'
import { parentOf } from './processorTime.ts'
import { sweep } from './sweep.ts'

/** An open data set: what measurements stand on. */
export type Ground = {
  size: Size
  folder: string
  dataSet: DataSet
  context: Context
  connection: string
  /** The first process of its PostgreSQL. */
  postmaster: number
  close(): Promise<void>
}

/** Opens the data set of a size, made before if it must be, and takes away what an earlier run left in it. */
export async function openGround(size: Size): Promise<Ground> {
  const folder = cacheFolder(size)
  const dataSet = await ensureDataSet(folder, size, openProgress())
  const { context, connection, close } = await openShelves(readConfig(settingsFor(folder)))
  try {
    await sweep(context.storage.db, dataSet)
    return {
      size,
      folder,
      dataSet,
      context: { ...context, clock: systemClock },
      connection,
      postmaster: await postmasterOf(context),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The parent of the process at the other end of a connection. */
async function postmasterOf({ storage }: Context): Promise<number> {
  const { rows } = await storage.db.raw('select pg_backend_pid() as pid')
  return parentOf(rows[0].pid)
}
