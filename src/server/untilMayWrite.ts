import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { waitingServer } from '../rules/pair.ts'
import { openStorage, type Storage } from '../storage/db.ts'

/** Milliseconds between two questions of a standby, and until one is given up. */
const every = 100
const patience = 5000

/**
 * Waits while the database is one that only follows another, and says true once it takes writes; false when the server was told to end meanwhile. Whether
 * it may serve is asked of the database and of nobody else: it is promoted after the claim to it is on the disk, and by the pair's agent alone. One that
 * does not answer at the first question is the start's to report; a standby's may come and go.
 */
export async function untilMayWrite({ databaseUrl }: Pick<Config, 'databaseUrl'>, log: Logger, ended: Promise<void>): Promise<boolean> {
  if (!databaseUrl) return true
  const storage = openStorage(databaseUrl, { name: waitingServer, connections: 1, pageConnections: 1 })
  const told = ended.then(() => 'told to end' as const)
  try {
    if ((await standing(storage)) !== 'follows') return true
    log.info('The database follows that of the other node. Everything is loaded, and the doors open when it is promoted.')
    for (;;) {
      if ((await Promise.race([pause(every), told])) === 'told to end') return false
      if ((await standing(storage)) === 'takes writes') return true
    }
  } finally {
    await storage.close()
  }
}

async function standing({ db }: Storage): Promise<'takes writes' | 'follows' | 'is away'> {
  try {
    const { rows } = await db.raw('select pg_is_in_recovery() as follows').timeout(patience)
    return rows[0].follows ? 'follows' : 'takes writes'
  } catch {
    return 'is away'
  }
}
