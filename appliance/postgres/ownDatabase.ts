import pg from 'pg'
import { putFile } from '../../src/files.ts'
import { waitingServer } from '../../src/rules/pair.ts'
import type { Ran, RunOptions } from '../actions/machine.ts'
import { run } from '../actions/run.ts'
import type { DatabaseState, Following } from '../ha/facts.ts'
import type { Pair } from '../ha/pair.ts'
import { inSyncWith, slotFor, synchronousFile, synchronousText } from './pairSettings.ts'
import type { DatabasePlace } from './place.ts'

/** What one look at this node's database shows. */
export type DatabaseLook = {
  state: DatabaseState
  streams: boolean
  follows: Following
  lagBytes: number
  /** A server is loaded and asks whether it may write. */
  serverWaits: boolean
}

const nothing: DatabaseLook = { state: 'stopped', streams: false, follows: 'no', lagBytes: 0, serverWaits: false }

/** A look waits two seconds; a deed, on a machine that is busy, longer. Milliseconds. */
const lookPatience = 2000
const patience = 15_000

/** One question to the own database over its socket, as its superuser. Never cancelled: the connection is closed instead. */
export async function query(
  place: DatabasePlace,
  statement: string,
  values: unknown[] = [],
  timeout = patience,
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    host: place.socket,
    port: place.port,
    user: 'postgres',
    database: 'postgres',
    connectionTimeoutMillis: timeout,
  })
  // What goes wrong after the question was given up is nobody's any more.
  client.on('error', () => {})
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`The database did not answer within ${timeout} ms.`)), timeout)
  })
  late.catch(() => {})
  try {
    await client.connect()
    return (await Promise.race([client.query(statement, values), late])).rows
  } finally {
    clearTimeout(timer)
    client.end().catch(() => {})
  }
}

/** A program of PostgreSQL as its own user. Refuses to go on where it fails, with the last of what it said. */
export async function postgresProgram(place: DatabasePlace, name: string, args: string[], options: RunOptions = {}): Promise<Ran> {
  const words = ['-u', place.user, '--', `${place.programs}/${name}`, ...args]
  const ran = await run('/usr/sbin/runuser', words, { signal: new AbortController().signal, ...options })
  if (ran.code !== 0) throw new Error(`${name} ended with ${ran.code}: ${(ran.err || ran.out).trim().split('\n').slice(-3).join(' ')}`)
  return ran
}

const lookText = `select pg_is_in_recovery() as standby,
  coalesce((select status = 'streaming' from pg_stat_wal_receiver), false) as streams,
  coalesce((select case when sync_state in ('sync', 'quorum') and state = 'streaming' then 'sync' when state = 'streaming' then 'streaming' end
    from pg_stat_replication where application_name = $1 order by sync_state = 'sync' desc limit 1), 'no') as follows,
  exists (select from pg_stat_activity where application_name = '${waitingServer}') as waits,
  coalesce((select pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end, flush_lsn)
    from pg_stat_replication where application_name = $1 limit 1), 0)::bigint as lag`

/** How the own database stands. One that takes no connection is stopped; one that does not answer in time, or is not ready, is `starting`. */
export async function look(place: DatabasePlace, { peer }: Pair): Promise<DatabaseLook> {
  try {
    const [row] = await query(place, lookText, [peer.name], lookPatience)
    return {
      state: row!.standby ? 'standby' : 'primary',
      streams: row!.streams as boolean,
      follows: row!.follows as Following,
      lagBytes: Math.max(0, Number(row!.lag)),
      serverWaits: row!.waits as boolean,
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ECONNREFUSED' || code === 'ENOENT' ? nothing : { ...nothing, state: 'starting' }
  }
}

/** Writes which standby commits wait for: the peer, or none. */
export const nameStandby = (place: DatabasePlace, pair: Pair, waits: boolean): void =>
  putFile(synchronousFile(place), synchronousText(waits ? inSyncWith(pair) : ''), 0o644)

/** Has the running database read that, and sees that it did: "always re-read with SHOW and retry". Throws when it does not in time. */
export async function applyStandbyName(place: DatabasePlace, pair: Pair, waits: boolean): Promise<void> {
  nameStandby(place, pair, waits)
  const wanted = waits ? inSyncWith(pair) : ''
  for (const deadline = performance.now() + patience; ; ) {
    await query(place, 'select pg_reload_conf()')
    const [row] = await query(place, "select setting from pg_settings where name = 'synchronous_standby_names'")
    if (row?.setting === wanted) return
    if (performance.now() > deadline) throw new Error('The database did not take over which standby its commits wait for.')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** Keeps what the peer has not read yet, so that it can follow after it was away. */
export const ensureSlot = (place: DatabasePlace, name: string): Promise<unknown> =>
  query(
    place,
    `select pg_create_physical_replication_slot($1, true) where not exists (select from pg_replication_slots where slot_name = $1)`,
    [slotFor(name)],
  )

/** A slot of a former time would keep this standby's disk from being cleared. */
export const dropSlots = (place: DatabasePlace): Promise<unknown> =>
  query(place, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_type = 'physical' and not active")

/** Promotes, and verifies that it is so: nothing is served by what is still in recovery. */
export async function promote(place: DatabasePlace): Promise<void> {
  await query(place, 'select pg_promote(true, 20) where pg_is_in_recovery()', [], 25_000)
  const [row] = await query(place, 'select pg_is_in_recovery() as standby')
  if (row?.standby !== false) throw new Error('The database is still in recovery after its promotion.')
}

/** "Right after promote it reads the old timeline from the source's control file": so that a rewind sees the new one. */
export const checkpoint = (place: DatabasePlace): Promise<unknown> => query(place, 'checkpoint', [], 120_000)

/** Where the last checkpoint of a stopped database stands, which after a fast stop is its very end. */
export async function endOf(place: DatabasePlace): Promise<string> {
  const { out } = await postgresProgram(place, 'pg_controldata', ['-D', place.data])
  const location = /^Latest checkpoint location:\s+(\S+)$/m.exec(out)?.[1]
  const state = /^Database cluster state:\s+(.+)$/m.exec(out)?.[1]
  if (!location || !state?.startsWith('shut down')) throw new Error(`The database was not shut down in order: it is "${state}".`)
  return location
}

/** Whether the standby has received everything up to there. */
export async function hasReceived(place: DatabasePlace, location: string): Promise<boolean> {
  const [row] = await query(place, 'select pg_last_wal_receive_lsn() > $1::pg_lsn as all', [location])
  return row?.all === true
}

/** How far a copy of this database by the standby is, in bytes; undefined while there is none. */
export async function copyProgress(place: DatabasePlace): Promise<{ done: number; of: number } | undefined> {
  const [row] = await query(
    place,
    'select backup_streamed as done, backup_total as total from pg_stat_progress_basebackup where backup_total > 0',
  )
  return row && { done: Number(row.done), of: Number(row.total) }
}
