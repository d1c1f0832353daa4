import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issueNode, makeAuthority, newKey, requestFor } from '../../../appliance/ha/keys.ts'
import { type Pair, pairSettings } from '../../../appliance/ha/pair.ts'
import type { PairStatus } from '../../../appliance/ha/status.ts'
import { keepalivedConfig } from '../../../appliance/keepalived/keepalived-config.ts'
import {
  accessMap,
  accessRules,
  databaseSettings,
  pairFolder,
  roleStatements,
  synchronousText,
} from '../../../appliance/postgres/pairSettings.ts'
import type { DatabasePlace } from '../../../appliance/postgres/place.ts'
import type { NodeFile } from './agentProcess.ts'
import { kill, must, type Network } from './network.ts'

const programs = '/usr/lib/postgresql/15/bin'
export type Name = 'a' | 'b'

/** One node of a pair of the tests: real PostgreSQL, real keepalived, the real agent. */
export type TestNode = {
  name: Name
  file: NodeFile
  status(): PairStatus | undefined
  startAgent(): void
  agentPid(): number | undefined
  startKeepalived(): void
  keepalivedPid(): number | undefined
  /** The server itself, below what starts it again. */
  serverPid(): number | undefined
  /** Everything that runs on it ends at once, as without power; what was volatile is gone. */
  die(): void
  /** Its agent and keepalived start, as at a boot. */
  boot(): void
  log(): string
}

/** `made`: what was laid into the database for those who come. */
export type TestPair<Made = unknown> = { a: TestNode; b: TestNode; folder: string; made: Made; remove(): void }

/** What a pair serves: the program of a node, and what it finds in the database and beside it. */
export type Serving<Made> = {
  server(home: string, connection: string): NodeFile['server']
  fill(home: string, connection: string, other: string): Promise<Made>
}
export const connectionTo = ({ socket }: DatabasePlace) => `postgres://quartermaster@/quartermaster?host=${socket}`

/** Settings of a pair in a network of the tests. */
function settingsOf(network: Network, cluster: string, name: Name, given: Partial<Pair>): Pair {
  const other: Name = name === 'a' ? 'b' : 'a'
  return pairSettings.parse({
    cluster,
    node: { name: `node-${name}`, address: network.address(name) },
    peer: { name: `node-${other}`, address: network.address(other) },
    interface: 'eth0',
    virtualAddresses: network.virtualAddresses,
    gateway: network.gateway,
    fence: 'gateway',
    witness: null,
    ...given,
  })
}

/** Makes both nodes with their keys; a has a database, b has none and is to copy it. Nothing runs yet. */
export async function makePair<Made>(network: Network, serving: Serving<Made>, given: Partial<Pair> = {}): Promise<TestPair<Made>> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'quartermaster-ha-'))
  chmodSync(folder, 0o755)
  const cluster = randomUUID()
  const authority = await makeAuthority(cluster)
  const nodes = {} as Record<Name, TestNode>
  for (const name of ['a', 'b'] as const) {
    const pair = settingsOf(network, cluster, name, given)
    const home = join(folder, name)
    const place: DatabasePlace = {
      programs,
      data: join(home, 'postgres/data'),
      settings: join(home, 'settings'),
      socket: join(home, 'socket'),
      port: pair.databasePort,
      user: 'postgres',
    }
    const file: NodeFile = { pair, place, folder: home, server: serving.server(home, connectionTo(place)) }
    await layOut(file, authority)
    nodes[name] = testNode(name, file, network)
  }
  const made = await makeDatabase(nodes.a.file, connection => serving.fill(nodes.a.file.folder, connection, nodes.b.file.folder))
  return {
    ...nodes,
    folder,
    made,
    remove() {
      for (const name of ['a', 'b'] as const) {
        nodes[name].die()
        must('umount', [join(folder, name, 'postgres')], true)
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Folders, keys and settings of one node. */
async function layOut({ pair, place, folder }: NodeFile, authority: Awaited<ReturnType<typeof makeAuthority>>): Promise<void> {
  const [uid, gid] = ['-u', '-g'].map(flag => Number(must('id', [flag, 'postgres']))) as [number, number]
  const own = (path: string) => chownSync(path, uid, gid)
  for (const each of ['keys', 'run', 'state', 'postgres', 'socket', 'settings/conf.d', 'settings/pair'])
    mkdirSync(join(folder, each), { recursive: true, mode: 0o755 })
  // A disk of its own, so that it can be full.
  must('mount', ['-t', 'tmpfs', '-o', 'size=1200m', 'quartermaster-ha', join(folder, 'postgres')])
  for (const each of ['postgres', 'socket', 'settings', 'settings/conf.d', 'settings/pair']) own(join(folder, each))
  const key = await newKey()
  const files = {
    'ca.pem': authority.certificate,
    'node.pem': await issueNode(authority, pair.node.name, await requestFor(pair.node.name, key)),
    'node.key': key,
  }
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, 'keys', name), text, { mode: 0o600 })
    const copy = join(pairFolder(place), name)
    writeFileSync(copy, text, { mode: 0o600 })
    own(copy)
  }
  const settings = {
    'postgresql.conf': `data_directory = '${place.data}'
unix_socket_directories = '${place.socket}'
shared_buffers = 64MB
include_dir = 'conf.d'
`,
    'conf.d/pair.conf': databaseSettings(pair, place),
    'conf.d/synchronous.conf': synchronousText(''),
    'pair/pg_hba.conf': accessRules(pair),
    'pair/pg_ident.conf': accessMap(pair, 'root'),
  }
  for (const [name, text] of Object.entries(settings)) {
    writeFileSync(join(place.settings, name), text)
    own(join(place.settings, name))
  }
  writeFileSync(join(folder, 'keepalived.conf'), keepalivedConfig(pair, join(folder, 'run')))
}

/** A cluster with the roles of a pair, owned by nobody yet: epoch 1 is written by who deploys the pair. */
async function makeDatabase<Made>({ pair, place, folder }: NodeFile, fill: (connection: string) => Promise<Made>): Promise<Made> {
  const postgres = (program: string, ...args: string[]) => must('runuser', ['-u', 'postgres', '--', `${programs}/${program}`, ...args])
  postgres('initdb', '-k', '-D', place.data, '--locale=C.UTF-8', '--auth=peer')
  const settings = `-c config_file=${join(place.settings, 'postgresql.conf')} -c listen_addresses=`
  postgres('pg_ctl', 'start', '-w', '-D', place.data, '-o', settings, '-l', join(folder, 'postgres/log'))
  const ask = (statement: string) =>
    postgres('psql', '-X', '-q', '-h', place.socket, '-p', String(place.port), '-v', 'ON_ERROR_STOP=1', '-d', 'postgres', '-c', statement)
  for (const statement of [
    ...roleStatements,
    'create role quartermaster login createdb',
    'create database quartermaster owner quartermaster',
  ])
    ask(statement)
  const made = await fill(connectionTo(place))
  postgres('pg_ctl', 'stop', '-w', '-D', place.data, '-m', 'fast')
  const claim = { cluster: pair.cluster, node: pair.node.name, epoch: 1, owner: pair.node.name, mode: 'alone' }
  writeFileSync(join(folder, 'state/state.json'), JSON.stringify(claim), { mode: 0o600 })
  return made
}

function testNode(name: Name, file: NodeFile, network: Network): TestNode {
  const { folder } = file
  const within = ['netns', 'exec', network.namespace(name)]
  let agent: ChildProcess | undefined
  let keepalived: ChildProcess | undefined
  let mayRun = false
  const launch = (log: string, program: string, ...args: string[]) => {
    const handle = openSync(join(folder, log), 'a')
    return spawn('ip', [...within, program, ...args], { stdio: ['ignore', handle, handle] })
  }
  const startAgent = () => {
    agent = launch('agent.log', process.execPath, new URL('./agentProcess.ts', import.meta.url).pathname, join(folder, 'node.json'))
  }
  const pids = ['keepalived.pid', 'vrrp.pid'].map(each => join(folder, each))
  const startKeepalived = () => {
    for (const pid of pids) rmSync(pid, { force: true })
    const config = join(folder, 'keepalived.conf')
    const child = launch('keepalived.log', 'keepalived', '-P', '-n', '-l', '-D', '-G', '-f', config, '-p', pids[0]!, '-r', pids[1]!)
    keepalived = child
    // What the drop-in beside Debian's unit does: take the address away, and start again.
    child.once('exit', () => {
      network.dropVirtual(name)
      if (mayRun && keepalived === child) setTimeout(startKeepalived, 300)
    })
  }
  writeFileSync(join(folder, 'node.json'), JSON.stringify(file))
  return {
    name,
    file,
    status() {
      try {
        return JSON.parse(readFileSync(join(folder, 'run/status.json'), 'utf8'))
      } catch {
        return undefined
      }
    },
    startAgent,
    agentPid: () => agent?.pid,
    startKeepalived,
    keepalivedPid: () => keepalived?.pid,
    serverPid() {
      const parent = readFileSync(join(folder, 'server.pid'), 'utf8').trim()
      return Number(readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ')[0]) || undefined
    },
    die() {
      mayRun = false
      for (const pid of network.processes(name)) kill(pid)
      network.dropVirtual(name)
      rmSync(join(folder, 'run'), { recursive: true, force: true })
      rmSync(join(folder, 'server.pid'), { force: true })
    },
    boot() {
      mayRun = true
      mkdirSync(join(folder, 'run'), { recursive: true })
      writeFileSync(join(folder, 'run/track'), '1\n')
      startAgent()
      startKeepalived()
    },
    log: () => readFileSync(join(folder, 'agent.log'), 'utf8'),
  }
}
