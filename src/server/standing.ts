import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { serverVersion } from '../release.ts'
import { findBackupSchedule } from '../storage/backupSchedule.ts'
import { findLatestBackup } from '../storage/backups.ts'
import { newestKnown, pendingMigrations, schemaNumber } from '../storage/migrate.ts'
import { findAdminOverview, listRecentAlerts } from '../storage/pages/adminOverview.ts'
import { findTlsCertificate } from '../storage/tlsCertificates.ts'
import { withStorage } from './database.ts'
import { clockOf } from './shelves.ts'

type Look = Pick<Context, 'storage' | 'clock'>

/**
 * Looks into the database without changing anything in it, so that it does on a standby and beside a server of another release, too. Refuses one that has
 * not been brought to the schema of this release: what is asked for may not be there.
 */
export const withLook = <T>(config: Config, work: (look: Look) => Promise<T>): Promise<T> =>
  withStorage(config, async storage => {
    const schema = await schemaNumber(storage.db)
    if (schema === 0 || (await pendingMigrations(storage.db)).length > 0)
      throw new Error(
        `The database has schema ${schema}, and release ${serverVersion} wants ${newestKnown()}: it is brought there when the server starts.`,
      )
    return work({ storage, clock: clockOf(config) })
  })

/** `server status`: what the operator at the machine is to see of the server, from its database; also while the server itself is down. */
export async function readStanding({ storage, clock }: Look) {
  const now = clock.now()
  const overview = await findAdminOverview(storage.db, now)
  const [latest, schedule] = [await findLatestBackup(storage.db), await findBackupSchedule(storage.db)]
  const [browser, device] = [await findTlsCertificate(storage.db, 'browser'), await findTlsCertificate(storage.db, 'device')]
  return {
    release: serverVersion,
    database: { version: overview.databaseVersion, schema: await schemaNumber(storage.db), bytes: Number(overview.databaseBytes) },
    accounts: { registered: Number(overview.registered), overdue: Number(overview.overdue), waiting: Number(overview.waiting) },
    products: Number(overview.products),
    users: { active: Number(overview.users), locked: Number(overview.locked) },
    alerts: Number(overview.openAlerts),
    backups: {
      latest: latest ? { name: latest.name, state: latest.state, startedAt: latest.startedAt, verifiedAt: latest.verifiedAt } : null,
      next: schedule?.nextAt ?? null,
    },
    certificates: { workspaces: browser?.notAfter ?? null, products: device?.notAfter ?? null },
  }
}

/** `server alerts`: the open ones, the most severe first. */
export async function readAlerts({ storage, clock }: Look) {
  const alerts = await listRecentAlerts(storage.db, clock.now(), 100)
  return alerts.map(({ account, ...alert }) => ({ ...alert, account: account?.name ?? null }))
}
