import type { Config } from '../config.ts'
import { startCluster } from '../storage/cluster.ts'
import { openStorage, type Storage } from '../storage/db.ts'

/** The address of the database, which is started where it is the server's own, for one piece of work without a server on it. */
export async function withDatabase<T>(config: Config, work: (connection: string) => Promise<T>): Promise<T> {
  const cluster = config.databaseUrl ? undefined : await startCluster(config.dataFolder, { binaries: config.postgresBinaries })
  try {
    return await work(config.databaseUrl ?? cluster!.connection)
  } finally {
    await cluster?.stop()
  }
}

/** Opens the database as it is, whatever its schema and whoever may write to it. */
export const withStorage = <T>(config: Config, work: (storage: Storage) => Promise<T>): Promise<T> =>
  withDatabase(config, async connection => {
    const storage = openStorage(connection, { name: 'quartermaster look', connections: 2, pageConnections: 1 })
    try {
      await storage.check()
      return await work(storage)
    } finally {
      await storage.close()
    }
  })
