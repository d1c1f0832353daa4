import { dirname } from 'node:path'
import pino, { type Logger } from 'pino'
import { finishRestoration } from '../administration/backup/restoration.ts'
import { readWay } from '../administration/network/readWay.ts'
import { laboratoryClock, systemClock } from '../clock.ts'
import { openNetworkCarrier } from '../cloud/network.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { makeFolder } from '../folders.ts'
import { openAuthority, openKey } from '../pki/authority.ts'
import { makeSecretBox, type SecretBox } from '../pki/secretBox.ts'
import { openServerKey } from '../pki/serverKey.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { findAuthorityRecord } from '../storage/accountAuthorities.ts'
import { startCluster } from '../storage/cluster.ts'
import type { Storage } from '../storage/db.ts'
import { openMigrated } from '../storage/migrate.ts'
import { findServerIdentity, findServerSignerRecord, type ServerIdentity } from '../storage/serverIdentity.ts'

/** Everything a verb is given, the address of the database, and the way to put it all away again. */
export type Shelves = { context: Context; connection: string; close(): Promise<void> }

/** Builds the shelves from the settings: the database (of its own, unless one is named), migrated; the keys; the cloud; the log. */
export async function openShelves(config: Config, log: Logger = openLog(config)): Promise<Shelves> {
  const cluster = config.databaseUrl ? undefined : await startCluster(config.dataFolder, { binaries: config.postgresBinaries })
  try {
    const connection = config.databaseUrl ?? cluster!.connection
    await finishRestoration(config, connection)
    const storage = await openMigrated(connection)
    const secrets = await openSecrets(config, storage)
    const clock = clockOf(config)
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

/** The machine's clock, or the laboratory's. */
export const clockOf = ({ labClockFile }: Config): Context['clock'] => (labClockFile ? laboratoryClock(labClockFile) : systemClock)

/** The key and the database must belong together: neither is of use without the other. */
async function openSecrets(config: Config, storage: Storage): Promise<SecretBox> {
  try {
    makeFolder(dirname(config.serverKeyFile))
    const secrets = makeSecretBox(openServerKey(config.serverKeyFile))
    const identity = await findServerIdentity(storage.db)
    refuseUnless(!identity || opens(secrets, identity), 'INVALID', foreignKey(config), 'serverKey')
    return secrets
  } catch (error) {
    await storage.close()
    throw error
  }
}

function opens(secrets: SecretBox, { signingKey }: ServerIdentity): boolean {
  try {
    openKey(secrets, signingKey, 'server signing key')
    return true
  } catch {
    return false
  }
}

const foreignKey = ({ serverKeyFile }: Config) =>
  `The server key ${serverKeyFile} is not the one that this database was sealed with. Bring the right one back, or restore a backup, which has both.`

/** The log: lines of JSON on standard output, as the journal and a collector want them. */
export const openLog = (config: Config): Logger =>
  pino({ level: config.logLevel, base: undefined, timestamp: pino.stdTimeFunctions.isoTime })
