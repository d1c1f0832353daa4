import { randomBytes } from 'node:crypto'
import { renameSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { caller, giveTo, type Owner } from './owner.ts'

const megabyte = 1024 * 1024

/** An eighth of the memory, between 128 MB and 2 GB: the server and the files' cache want the rest. */
const sharedBuffers = () => Math.min(2048, Math.max(128, Math.floor(totalmem() / megabyte / 8)))

/**
 * Settings for a machine of two cores and about 8 GB that also runs the server. fsync and synchronous_commit stay on: an acknowledged write
 * is on the disk. `fast` is for tests alone: their data may be lost.
 */
const settings = (fast: boolean): Record<string, string | number> => ({
  // Nobody reaches it but through the socket in its own folder, which is reached through a descriptor (see postmaster.ts).
  listen_addresses: '',
  unix_socket_directories: '/proc/self/fd/3',
  port: 5432,
  max_connections: fast ? 100 : 60,
  shared_buffers: fast ? '64MB' : `${sharedBuffers()}MB`,
  effective_cache_size: `${sharedBuffers() * 4}MB`,
  work_mem: '16MB',
  maintenance_work_mem: '256MB',
  // Checkpoints far apart keep the flood of full pages away, and compressing those pages costs less than writing them.
  wal_compression: 'on',
  checkpoint_timeout: '15min',
  max_wal_size: '4GB',
  min_wal_size: '256MB',
  random_page_cost: 1.1,
  jit: 'off',
  fsync: fast ? 'off' : 'on',
  full_page_writes: fast ? 'off' : 'on',
  synchronous_commit: 'on',
  // A test drops its database by force, which only the superuser may while a vacuum is in it.
  autovacuum: fast ? 'off' : 'on',
  // Counters and authorizations are updated all day: vacuum by small steps, early.
  autovacuum_vacuum_scale_factor: 0.05,
  autovacuum_vacuum_cost_limit: 1000,
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_line_prefix: '%m [%p] ',
})

const asFile = (values: Record<string, string | number>) =>
  Object.entries(values)
    .map(([name, value]) => `${name} = '${value}'`)
    .join('\n')

/** Puts a file in place whole. Root does not write through whatever the cluster's user may have put there: rename replaces, it does not follow. */
function place(folder: string, name: string, text: string, owner: Owner): void {
  const draft = join(folder, `${name}.${randomBytes(6).toString('hex')}`)
  writeFileSync(draft, text, { flag: 'wx', mode: 0o600 })
  giveTo(owner, draft)
  renameSync(draft, join(folder, name))
}

/**
 * Writes the cluster's three files, again at each start, so that a new release brings its settings along. What an operator changes with
 * ALTER SYSTEM stands in a file of its own and wins.
 * There is no password: the system says who is at the other end of the socket (peer), and a map says whom they may come as.
 */
export function writeSettings(folder: string, owner: Owner, fast: boolean): void {
  const callers = [...new Set([caller().name, owner.name])]
  const map = callers.flatMap(name => [`quartermaster "${name}" quartermaster`, `quartermaster "${name}" postgres`])
  place(folder, 'postgresql.conf', `# Written at each start. Changes belong into ALTER SYSTEM.\n${asFile(settings(fast))}\n`, owner)
  place(folder, 'pg_hba.conf', 'local all all peer map=quartermaster\n', owner)
  place(folder, 'pg_ident.conf', `${map.join('\n')}\n`, owner)
}
