import { dirname } from 'node:path'
import pino, { type Logger } from 'pino'
import { readWay } from '../administration/network/readWay.ts'
import { laboratoryClock, systemClock } from '../clock.ts'
import { openNetworkCarrier } from '../cloud/network.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { makeFolder } from '../folders.ts'
import { openAuthority } from '../pki/authority.ts'
import { makeSecretBox } from '../pki/secretBox.ts'
import { openServerKey } from '../pki/serverKey.ts'
import { findAuthorityRecord } from '../storage/accountAuthorities.ts'
import { startCluster } from '../storage/cluster.ts'
import { openMigrated } from '../storage/migrate.ts'
import { findServerSignerRecord } from '../storage/serverIdentity.ts'

/** Everything a verb is given, the address of the database, and the way to put it all away again. */
export type Shelves = { context: Context; connection: string; close(): Promise<void> }

/** Builds the shelves from the settings: the database (of its own, unless one is named), migrated; the keys; the cloud; the log. */
export async function openShelves(config: Config, log: Logger = openLog(config)): Promise<Shelves> {
  const cluster = config.databaseUrl ? undefined : await startCluster(config.dataFolder, { binaries: config.postgresBinaries })
  try {
    const connection = config.databaseUrl ?? cluster!.connection
    const storage = await openMigrated(connection)
    const secrets = openSecrets(config)
    const clock = config.labClockFile ? laboratoryClock(config.labClockFile) : systemClock
    const authority = openAuthority(secrets, {
      load: localAccountId => findAuthorityRecord(storage.db, localAccountId),
      loadServerSigner: () => findServerSignerRecord(storage.db),
    })
    const cloud = openNetworkCarrier(config, () => readWay({ storage, secrets }))
    const context = { clock, storage, secrets, authority, cloud, log, config }
    const close = async () => {
      await storage.close()
      await cluster?.stop()
    }
    return { context, connection, close }
  } catch (error) {
    await cluster?.stop()
    throw error
  }
}

function openSecrets(config: Config) {
  makeFolder(dirname(config.serverKeyFile))
  return makeSecretBox(openServerKey(config.serverKeyFile))
}

/** The log: lines of JSON on standard output, as the journal and a collector want them. */
const openLog = (config: Config): Logger => pino({ level: config.logLevel, base: undefined, timestamp: pino.stdTimeFunctions.isoTime })
