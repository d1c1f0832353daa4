import { accessSync, constants, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../folders.ts'
import { findBinaries } from './cluster/binaries.ts'
import { createCluster, majorOfCluster } from './cluster/create.ts'
import { clusterOwner } from './cluster/owner.ts'
import { bringUp, reloadSettings } from './cluster/postmaster.ts'
import { readablePrograms } from './cluster/readable.ts'
import { writeSettings } from './cluster/settings.ts'
import { socketFolder } from './cluster/socket.ts'
import { joinUsers, leaveUsers } from './cluster/users.ts'

/** A running database of our own. `connection` is a PostgreSQL URL, good on this machine for this user until `stop()`. */
export type Cluster = { connection: string; stop(): Promise<void> }

export type ClusterOptions = {
  /** For tests: what was written may be lost in a power cut. */
  fast?: boolean
  /** The folder of PostgreSQL's programs, instead of looking for them. */
  binaries?: string | undefined
}

function prepareDataFolder(dataFolder: string): string {
  try {
    makeFolder(dataFolder)
    accessSync(dataFolder, constants.W_OK | constants.X_OK)
    return realpathSync(dataFolder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const advice = 'Give it to this user, or name another with QUARTERMASTER_DATA.'
    throw new Error(`The data folder ${dataFolder} cannot be written (${code}). ${advice}`, { cause: error })
  }
}

/**
 * The private cluster in `dataFolder`/postgres: made if it is not there, started unless it runs (a killed server leaves it running, and it is
 * taken over as it is), reached through a unix socket alone. Works for root and for others, and in folders that only root may enter.
 * Refuses, with one sentence each: a folder that cannot be written, no PostgreSQL, one of another major version, one that does not start.
 */
export async function startCluster(dataFolder: string, { fast = false, binaries }: ClusterOptions = {}): Promise<Cluster> {
  const data = prepareDataFolder(dataFolder)
  const [folder, log] = [join(data, 'postgres'), join(data, 'postgres.log')]
  const owner = clusterOwner(folder)
  const programs = readablePrograms(findBinaries(binaries, majorOfCluster(folder), folder).folder, owner)
  const place = { folder, owner, programs, log }
  await createCluster(place, fast)
  writeSettings(folder, owner, fast)
  reloadSettings(folder)
  const socket = socketFolder(folder)
  const user = await joinUsers(socket.name, () => bringUp(place))
  return {
    connection: `postgresql://quartermaster@/quartermaster?host=${encodeURIComponent(socket.name)}&port=5432`,
    async stop() {
      await leaveUsers(user, folder)
      socket.letGo()
    },
  }
}
