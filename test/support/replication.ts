import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { findBinaries } from '../../src/storage/cluster/binaries.ts'
import { clusterOwner } from '../../src/storage/cluster/owner.ts'
import { isRoot } from './clusters.ts'
import { until } from './until.ts'

/** One of two PostgreSQL servers, on a port of loopback. */
export type ReplicationNode = {
  folder: string
  port: number
  /** The server's own role, which is no superuser. */
  connection: string
  start(): Promise<void>
  /** SIGQUIT is a crash, SIGINT the fast way. */
  stop(signal: 'SIGQUIT' | 'SIGINT'): Promise<void>
  /** Stops every process of it where it stands, as a machine that hangs; `thaw` lets them go on. */
  freeze(): void
  thaw(): void
  /** Asks as superuser. */
  ask(question: string): Promise<Record<string, unknown>[]>
}

/** A primary that waits for its standby with each commit, both of them real. */
export type Replication = { primary: ReplicationNode; standby: ReplicationNode; close(): Promise<void> }

const run = promisify(execFile)

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

const childrenOf = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)

const settings = (port: number) => ({
  port,
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  shared_buffers: '32MB',
  max_connections: 40,
  wal_log_hints: 'on',
  wal_receiver_timeout: '60s',
  wal_sender_timeout: '60s',
  synchronous_standby_names: '',
})

/** Opens both, streaming and in step. Their data is in a folder of /tmp and goes with `close`. */
export async function openReplication(): Promise<Replication> {
  const root = mkdtempSync(join(tmpdir(), 'quartermaster-replication-'))
  const owner = clusterOwner(join(root, 'primary'))
  chownSync(root, owner.uid, owner.gid)
  const programs = findBinaries(undefined, undefined, root).folder
  const who = isRoot ? { uid: owner.uid, gid: owner.gid } : {}
  const program = (name: string, ...args: string[]) => run(`${programs}/${name}`, args, { ...who, cwd: root, env: { LC_ALL: 'C' } })

  function node(name: string, port: number): ReplicationNode {
    const folder = join(root, name)
    const pid = () => Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0])
    const signalAll = (signal: NodeJS.Signals) => {
      for (const each of [pid(), ...childrenOf(pid())]) process.kill(each, signal)
    }
    let ended: Promise<unknown> = Promise.resolve()
    return {
      folder,
      port,
      connection: `postgresql://quartermaster@127.0.0.1:${port}/quartermaster`,
      async start() {
        const words = Object.entries(settings(port)).flatMap(([key, value]) => (key.startsWith('sync') ? [] : ['-c', `${key}=${value}`]))
        const child = spawn(`${programs}/postgres`, ['-D', folder, ...words], { ...who, cwd: root, stdio: 'ignore', env: { LC_ALL: 'C' } })
        ended = once(child, 'exit')
        await until(() => this.ask('select 1').catch(() => undefined))
      },
      async stop(signal) {
        process.kill(pid(), signal)
        await ended
      },
      freeze: () => signalAll('SIGSTOP'),
      thaw: () => signalAll('SIGCONT'),
      async ask(question) {
        const client = new pg.Client({ connectionString: `postgresql://postgres@127.0.0.1:${port}/postgres` })
        client.on('error', () => undefined)
        await client.connect()
        try {
          return (await client.query(question)).rows
        } finally {
          await client.end()
        }
      },
    }
  }

  const primary = node('primary', await freePort())
  const standby = node('standby', await freePort())
  await program('initdb', '-D', primary.folder, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync')
  await primary.start()
  await primary.ask('create role quartermaster login')
  await primary.ask('create database quartermaster owner quartermaster')
  const source = `host=127.0.0.1 port=${primary.port} user=postgres application_name=standby`
  await program('pg_basebackup', '-D', standby.folder, '-d', source, '-R', '-C', '-S', 'standby', '-c', 'fast', '--no-sync')
  await standby.start()
  await primary.ask(`alter system set synchronous_standby_names = 'FIRST 1 (standby)'`)
  await primary.ask('select pg_reload_conf()')
  await until(async () => (await primary.ask(`select 1 from pg_stat_replication where sync_state = 'sync'`)).length === 1)
  return {
    primary,
    standby,
    async close() {
      for (const each of [standby, primary]) await each.stop('SIGQUIT').catch(() => undefined)
      rmSync(root, { recursive: true, force: true })
    },
  }
}
