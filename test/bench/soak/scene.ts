import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../../src/config.ts'
import { openShelves } from '../../../src/server/shelves.ts'
import { runningOn } from '../../../src/storage/cluster/postmaster.ts'
import { type Cluster, startCluster } from '../../../src/storage/cluster.ts'
import { newToken, registeredAccount } from '../../support/account.ts'
import { keepLicensingRoot } from '../generate/accounts.ts'
import { insertCatalog } from '../generate/catalog.ts'
import { licensingRootIn } from '../generate/dataSet.ts'
import { settingsFor } from '../generate/ensureDataSet.ts'
import { freePorts, type Ports } from '../place.ts'
import { parentOf } from '../processorTime.ts'
import { type Beside, startBeside } from '../programs.ts'

export const victims = ['server', 'device door', 'database', 'backend', 'server and database'] as const
export type Victim = (typeof victims)[number]

/** A server and its database, each a process that can be killed and started again where it was. */
export type Scene = {
  connection: string
  ports: Ports
  server(): Beside<Ports>
  postmaster(): number
  localAccountId: number
  tokenId: string
  token: string
  tags: string[]
  trust: string
  tlsTrust: string
  /** Kills with SIGKILL, waits `pause`, and starts again what was killed. */
  kill(victim: Victim, pause: () => Promise<unknown>): Promise<void>
  close(): Promise<void>
}

/** Opens a scene in an empty folder. The database is started by the driver, with real fsync, so that server and database die apart. */
export async function openScene(folder: string): Promise<Scene> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const held: Cluster[] = [await startCluster(folder)]
  const { connection } = held[0]!
  const environment = { ...settingsFor(folder), DATABASE_URL: connection }
  const made = await furnish(folder, environment)
  let server = await startBeside<Ports>('src/server.ts', [], { ...environment, ...freePorts })
  const ports = server.ready
  const samePorts = {
    QUARTERMASTER_HTTPS_PORT: String(ports.https),
    QUARTERMASTER_DEVICE_HTTP_PORT: String(ports.deviceHttp),
    QUARTERMASTER_DEVICE_HTTPS_PORT: String(ports.deviceHttps),
  }
  const cluster = join(folder, 'postgres')
  const postmaster = () => runningOn(cluster)!.pid
  const murders: Record<Victim, () => void> = {
    server: () => process.kill(server.pid, 'SIGKILL'),
    'device door': () => process.kill(oneOf(childrenOf(server.pid)), 'SIGKILL'),
    database: () => process.kill(postmaster(), 'SIGKILL'),
    backend: () => process.kill(oneOf(childrenOf(postmaster())), 'SIGKILL'),
    'server and database': () => {
      process.kill(postmaster(), 'SIGKILL')
      process.kill(server.pid, 'SIGKILL')
    },
  }
  return {
    ...made,
    connection,
    ports,
    server: () => server,
    postmaster,
    trust: readFileSync(licensingRootIn(folder), 'utf8'),
    tlsTrust: readFileSync(join(folder, 'tls/device-root.pem'), 'utf8'),
    async kill(victim, pause) {
      murders[victim]()
      await pause()
      if (victim.includes('database')) held.push(await startCluster(folder))
      if (victim.startsWith('server')) server = await startBeside<Ports>('src/server.ts', [], { ...environment, ...samePorts })
    },
    async close() {
      await server.stop()
      for (const one of held.reverse()) await one.stop().catch(() => undefined)
    },
  }
}

/** An account without a cloud behind it, a token, and tags to use. */
export async function furnish(folder: string, environment: NodeJS.ProcessEnv) {
  await keepLicensingRoot(licensingRootIn(folder))
  const { context, close } = await openShelves(readConfig(environment))
  try {
    const catalog = await insertCatalog(context.storage.db)
    const account = await registeredAccount(context)
    const { token, secret } = await newToken(context, account, { days: 365 })
    const tags = [...catalog.values()].slice(0, 6).map(({ tag }) => tag)
    return { localAccountId: account.account.id, tokenId: token.id, token: secret, tags }
  } finally {
    await close()
  }
}

const oneOf = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!

/** The processes that another has started: those that serve a connection each, and the few that PostgreSQL keeps for itself. */
function childrenOf(parent: number): number[] {
  const running = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return running.filter(pid => isChildOf(parent, pid))
}

function isChildOf(parent: number, pid: number): boolean {
  try {
    return parentOf(pid) === parent
  } catch {
    return false
  }
}
