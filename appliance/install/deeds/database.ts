import { type Deed, file, ours } from '../deed.ts'
import { type Host, must, read, remove, removeEmpty } from '../host.ts'

/** Debian 12 has this one. */
const major = '15'
const cluster = 'quartermaster'
const folder = `/etc/postgresql/${major}/${cluster}`
const unit = `postgresql@${major}-${cluster}.service`

const lines = (host: Host) => host.run('pg_lsclusters', ['--no-header']).said.split('\n')
const lineOf = (host: Host) => lines(host).find(line => line.startsWith(`${major} `) && line.split(/\s+/)[1] === cluster)
const isUp = (host: Host) => lineOf(host)?.split(/\s+/)[3]?.startsWith('online') ?? false

function start(host: Host): void {
  if (isUp(host)) return
  if (host.hasServices) must(host, 'systemctl', ['start', unit])
  else must(host, 'pg_ctlcluster', [major, cluster, 'start'])
}

/** Settings are read at the next start, which is now where the cluster runs. */
function restart(host: Host): void {
  if (!isUp(host)) return
  if (host.hasServices) must(host, 'systemctl', ['restart', unit])
  else must(host, 'pg_ctlcluster', [major, cluster, 'restart'])
}

const ask = (host: Host, statement: string, database = 'postgres') =>
  must(host, 'psql', ['-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', statement], { as: 'postgres' }).trim()

/**
 * Nothing listens but the socket until there is a peer. Times and names are in each line of the log, as the STIG for PostgreSQL asks; a statement
 * is not, because it may carry what no log may.
 */
const databaseSettings = `${ours}listen_addresses = ''
unix_socket_directories = '/run/postgresql'
password_encryption = 'scram-sha-256'
max_connections = 100
wal_compression = on
checkpoint_timeout = 15min
max_wal_size = 4GB
min_wal_size = 256MB
random_page_cost = 1.1
jit = off
synchronous_commit = on
autovacuum_vacuum_scale_factor = 0.05
autovacuum_vacuum_cost_limit = 1000
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %u@%d %h '
log_connections = on
log_disconnections = on
log_hostname = off
log_file_mode = 0600
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
`

/** There is no password: the system says who is at the other end of the socket, and the map says whom they may come as. */
const access = `${ours}local all postgres peer
local all quartermaster peer map=quartermaster
`
const map = `${ours}quartermaster quartermaster quartermaster
quartermaster root quartermaster
`

const postgresFile = (sentence: string, path: string, content: string): Deed => ({
  ...file(sentence, path, content, { owner: 'postgres:postgres', mode: 0o640, after: restart, onlyHere: true, holdsData: true }),
  // It goes with the cluster.
  undo: () => {},
})

/** A quarter of the memory, between 128 MB and 2 GB, by the machine's own count: the server and the files' cache want the rest. */
function memory(host: Host): string {
  const megabytes = Math.floor(Number(/MemTotal:\s+(\d+)/.exec(read(host, '/proc/meminfo') ?? '')?.[1] ?? 0) / 1024)
  return `shared_buffers = ${Math.min(2048, Math.max(128, Math.floor(megabytes / 4)))}MB\n`
}

export const database: Deed[] = [
  {
    sentence: `The PostgreSQL cluster ${cluster} exists, with checksums on its pages.`,
    onlyHere: true,
    holdsData: true,
    isDone: host => lineOf(host) !== undefined,
    do: host => void must(host, 'pg_createcluster', ['--locale=C.UTF-8', '--start-conf=auto', major, cluster, '--', '--data-checksums']),
    undo(host) {
      if (lineOf(host)) must(host, 'pg_dropcluster', ['--stop', major, cluster])
      // It leaves what it has not made: our settings, and the former files beside ours.
      remove(host, folder)
      removeEmpty(host, `/etc/postgresql/${major}`, '/etc/postgresql')
    },
  },
  postgresFile('Who may come to the database is said by the system, not by a password.', `${folder}/pg_hba.conf`, access),
  postgresFile('root may come to it as the service, for backup and restore.', `${folder}/pg_ident.conf`, map),
  postgresFile('The database listens on its socket alone.', `${folder}/conf.d/quartermaster.conf`, databaseSettings),
  {
    sentence: 'The database has its share of the memory.',
    onlyHere: true,
    holdsData: true,
    isDone: host => read(host, `${folder}/conf.d/memory.conf`) !== undefined,
    do: host => postgresFile('', `${folder}/conf.d/memory.conf`, memory(host)).do(host),
  },
  {
    sentence: 'The database runs.',
    onlyHere: true,
    isDone: isUp,
    do: start,
  },
  {
    sentence: 'The service owns its database, and may make the one beside it that a restore needs.',
    onlyHere: true,
    holdsData: true,
    isDone: host => isUp(host) && ask(host, "select count(*) from pg_database where datname = 'quartermaster'") === '1',
    do(host) {
      if (ask(host, "select count(*) from pg_roles where rolname = 'quartermaster'") === '0')
        ask(host, 'create role quartermaster login createdb')
      ask(host, "create database quartermaster owner quartermaster template template0 encoding 'UTF8' locale 'C.UTF-8'")
    },
  },
]
