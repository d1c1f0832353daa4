import type { Config } from '../config.ts'
import { startCluster } from '../storage/cluster.ts'

/** The address of the database, which is started where it is the server's own, for one piece of work without a server on it. */
export async function withDatabase<T>(config: Config, work: (connection: string) => Promise<T>): Promise<T> {
  const cluster = config.databaseUrl ? undefined : await startCluster(config.dataFolder, { binaries: config.postgresBinaries })
  try {
    return await work(config.databaseUrl ?? cluster!.connection)
  } finally {
    await cluster?.stop()
  }
}
