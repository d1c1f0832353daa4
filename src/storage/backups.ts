import type { Db } from './db.ts'

export type BackupOrigin = 'person' | 'schedule'

/** A backup that was taken, is being taken or failed. */
export type BackupRecord = {
  id: number
  name: string | null
  origin: BackupOrigin
  state: 'running' | 'done' | 'failed'
  startedBy: string
  startedAt: Date
  finishedAt: Date | null
  bytes: number | null
  verifiedAt: Date | null
  shippedAt: Date | null
  message: string | null
}

type Row = {
  id: number
  name: string | null
  origin: BackupOrigin
  state: BackupRecord['state']
  started_by: string
  started_at: Date
  finished_at: Date | null
  bytes: number | null
  verified_at: Date | null
  shipped_at: Date | null
  message: string | null
}

const fromRow = (row: Row): BackupRecord => ({
  id: row.id,
  name: row.name,
  origin: row.origin,
  state: row.state,
  startedBy: row.started_by,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  bytes: row.bytes,
  verifiedAt: row.verified_at,
  shippedAt: row.shipped_at,
  message: row.message,
})

/** The newest first. */
export async function listBackupRecords(db: Db, limit: number): Promise<BackupRecord[]> {
  return (await db<Row>('backups').orderBy('id', 'desc').limit(limit)).map(fromRow)
}

/** What the schedule has brought to the other machine and not taken away again. */
export async function listCopies(db: Db): Promise<{ name: string; createdAt: Date }[]> {
  const rows = await db<Row>('backups').where({ origin: 'schedule' }).whereNotNull('shipped_at').whereNotNull('name')
  return rows.map(row => ({ name: row.name!, createdAt: row.started_at }))
}

/** The newest that was taken whole. */
export async function findLatestBackup(db: Db): Promise<BackupRecord | undefined> {
  const row = await db<Row>('backups').where({ state: 'done' }).orderBy('id', 'desc').first()
  return row && fromRow(row)
}

/** Writes down that a backup is being taken. Whoever does holds the lock of backups: what others left running ended with them. */
export async function beginBackup(db: Db, begun: Pick<BackupRecord, 'origin' | 'startedBy' | 'startedAt'>): Promise<number> {
  await endRunningBackups(db, begun.startedAt)
  const [row] = await db('backups')
    .insert({ origin: begun.origin, state: 'running', started_by: begun.startedBy, started_at: begun.startedAt })
    .returning('id')
  return row.id
}

/** What is written down as running, and is not. */
export async function endRunningBackups(db: Db, at: Date): Promise<void> {
  await db('backups')
    .where({ state: 'running' })
    .update({ state: 'failed', finished_at: at, message: 'It ended with the server that took it.' })
}

/** How it ended. */
export async function finishBackup(
  db: Db,
  id: number,
  end: Pick<BackupRecord, 'state' | 'finishedAt' | 'name' | 'bytes' | 'message'>,
): Promise<void> {
  await db('backups')
    .where({ id })
    .update({ state: end.state, finished_at: end.finishedAt, name: end.name, bytes: end.bytes, message: end.message })
}

/** What became of a file afterwards: it was tried, brought to the other machine, or taken away from there (null). */
export async function noteBackup(
  db: Db,
  name: string,
  note: Partial<Pick<BackupRecord, 'verifiedAt' | 'shippedAt' | 'message'>>,
): Promise<void> {
  await db('backups')
    .where({ name })
    .update({
      ...(note.verifiedAt !== undefined && { verified_at: note.verifiedAt }),
      ...(note.shippedAt !== undefined && { shipped_at: note.shippedAt }),
      ...(note.message !== undefined && { message: note.message }),
    })
}
