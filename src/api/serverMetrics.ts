import type { Context } from '../context.ts'
import { second } from '../rules/clock.ts'
import { findLatestBackup, listBackupRecords } from '../storage/backups.ts'
import { countWaitingMails } from '../storage/mails.ts'
import { findTlsCertificate } from '../storage/tlsCertificates.ts'
import { type Family, single } from './metricFamily.ts'

/** knex keeps its pool untyped: connections at work and at rest, and those who wait for one. */
type Pool = { numUsed(): number; numFree(): number; numPendingAcquires(): number }

function ofPools({ storage }: Context): Family[] {
  const pools = Object.entries({ verbs: storage.db, pages: storage.pages }).map(([pool, { client }]) => ({
    pool,
    counts: client.pool as Pool,
  }))
  return [
    {
      name: 'quartermaster_database_connections',
      help: 'Connections to the database by pool and state.',
      type: 'gauge',
      samples: pools.flatMap(({ pool, counts }) => [
        { labels: { pool, state: 'used' }, value: counts.numUsed() },
        { labels: { pool, state: 'free' }, value: counts.numFree() },
      ]),
    },
    {
      name: 'quartermaster_database_waiting',
      help: 'Work that waits for a connection to the database.',
      type: 'gauge',
      samples: pools.map(({ pool, counts }) => ({ labels: { pool }, value: counts.numPendingAcquires() })),
    },
  ]
}

async function ofCertificates({ storage }: Context, now: Date): Promise<Family> {
  const found = await Promise.all((['browser', 'device'] as const).map(purpose => findTlsCertificate(storage.pages, purpose)))
  return {
    name: 'quartermaster_certificate_end_seconds',
    help: 'Seconds until a certificate that this server shows ends: to browsers and scripts, and to products.',
    type: 'gauge',
    samples: found.flatMap(certificate =>
      certificate ? [{ labels: { purpose: certificate.purpose }, value: (certificate.notAfter.getTime() - now.getTime()) / second }] : [],
    ),
  }
}

/** A server that never took a backup has no age of one: its alert is raised on the page, where a schedule can be set. */
async function ofBackups({ storage }: Context, now: Date): Promise<Family[]> {
  const [whole, [last]] = await Promise.all([findLatestBackup(storage.pages), listBackupRecords(storage.pages, 1)])
  return [
    ...(whole
      ? [
          single(
            'quartermaster_backup_age_seconds',
            'Since the newest whole backup was begun.',
            (now.getTime() - whole.startedAt.getTime()) / second,
          ),
        ]
      : []),
    ...(last ? [single('quartermaster_backup_failed', 'Whether the last backup failed.', Number(last.state === 'failed'))] : []),
  ]
}

/** What keeps the server itself going: "queue; database pool; … each certificate's end; backup age" (api.md). */
export async function readServerMetrics(context: Context, now: Date): Promise<Family[]> {
  const [certificate, backups, mails] = await Promise.all([
    ofCertificates(context, now),
    ofBackups(context, now),
    countWaitingMails(context.storage.pages),
  ])
  return [...ofPools(context), certificate, ...backups, single('quartermaster_mails_waiting', 'Mails that wait to be sent.', mails)]
}
