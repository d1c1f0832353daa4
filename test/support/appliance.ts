import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { basename, join, resolve } from 'node:path'
import type { ReleaseWish } from '../../appliance/release/makeRelease.ts'
import { makeRelease } from '../../appliance/release/makeRelease.ts'
import type { TreeFile } from '../../appliance/release/tree.ts'
import { readJournal } from '../../appliance/upgrade/journal.ts'
import { readConfig } from '../../src/config.ts'
import { askHealth } from '../../src/server/health.ts'
import { product, type Said } from '../lab/product/laboratory.ts'
import { newToken, registeredAccount } from './account.ts'
import { applianceGround, type Place, restartServer, stopServer } from './applianceGround.ts'
import { testTrust } from './authorityRows.ts'
import { type Machine, newMachine } from './backups.ts'
import { newFolder } from './folders.ts'
import { insertLots } from './lots.ts'
import { aKey } from './releases.ts'

/** A machine on which release 0.2.0 of this very tree is installed and serves, with a product that is registered. */
export type Appliance = {
  place: Place
  machine: Machine
  ground: ReturnType<typeof applianceGround>
  current(): string
  /** The releases that stand beside each other. */
  installed(): string[]
  journal(): ReturnType<typeof readJournal>
  /** Throws unless the server that runs may take traffic. */
  healthy(): Promise<void>
  /** The product reports that it uses so many. */
  report(count: number): Promise<Said>
  /** Upgrades in a process of its own that is killed, as `kill -9` does, at a step; its last line where it is not. */
  upgradeAndDie(archive: string, step: string): Promise<string>
  remove(): Promise<void>
}

/** Dependencies are found where every release of the test finds them, so that releases are small: a full one is `npm run upgrade:try`'s. */
const source = (() => {
  let made: string | undefined
  return () => {
    if (made) return made
    made = newFolder('thin-source')
    for (const name of ['appliance', 'sql', 'src', 'views', 'CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
      cpSync(name, join(made, name), { recursive: true })
    rmSync(join(made, 'views/screenshots'), { recursive: true, force: true })
    const lock = JSON.stringify({ packages: {} })
    mkdirSync(join(made, 'node_modules'))
    for (const name of ['package-lock.json', 'node_modules/.package-lock.json']) writeFileSync(join(made, name), lock)
    writeFileSync(join(made, 'node'), `#!/bin/sh\nexec "${process.execPath}" "$@"\n`)
    process.once('exit', () => rmSync(made!, { recursive: true, force: true }))
    return made
  }
})()

const text = (path: string, words: string): TreeFile => ({ path, mode: 0o644, from: Buffer.from(words) })

/** What a later release brings beside its code: a column in a table that products write all the time, and a table. */
export const widening = text(
  'sql/0901_widen.sql',
  'alter table product_instances add column shelf text;\ncreate table shelves (name text primary key);\n',
)
/** What the release after that takes away again. */
export const narrowing = text('sql/0902_narrow.sql', '-- contract: needs schema 0901\ndrop table shelves;\n')
/** A server that comes up in a laboratory, and nowhere else; its other commands work. */
export const broken = text(
  'src/server/serve.ts',
  readFileSync('src/server/serve.ts', 'utf8').replace(
    'const ended = endSignal()',
    "if (!config.laboratory) throw new Error('broken on purpose')\n  const ended = endSignal()",
  ),
)
/** A server that comes up nowhere. */
export const hopeless = text('src/schedule/errands.ts', `throw new Error('hopeless on purpose')\nexport const errands = []\n`)

/** A release of this tree, as small as it can be. */
export const thinRelease = (version: string, more: TreeFile[] = [], wish: Partial<ReleaseWish> = {}) =>
  makeRelease({
    source: source(),
    version,
    createdAt: new Date('2026-01-02T03:04:05Z'),
    key: aKey.privateKey,
    folder: newFolder('releases'),
    node: { file: join(source(), 'node'), version: process.version.slice(1) },
    effort: 1,
    more,
    ...wish,
  }).then(({ path }) => path)

/** So many ports that nobody uses at this moment. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(server => new Promise(done => server.close(done))))
  return ports
}

export async function newAppliance(): Promise<Appliance> {
  const root = newFolder('appliance')
  const [https, deviceHttp, deviceHttps] = await freePorts(3)
  const place: Place = { root, releases: join(root, 'opt'), data: join(root, 'data'), settings: join(root, 'settings.env') }
  for (const folder of [place.releases, join(place.releases, 'releases'), place.data]) mkdirSync(folder)
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
  const { root: licensingRoot } = await testTrust()
  const rootFile = join(root, 'licensing-root.pem')
  writeFileSync(rootFile, licensingRoot.pem)
  const settings = {
    QUARTERMASTER_DATA: place.data,
    QUARTERMASTER_LICENSING_ROOT: rootFile,
    QUARTERMASTER_LISTEN: '127.0.0.1',
    QUARTERMASTER_HTTPS_PORT: String(https),
    QUARTERMASTER_DEVICE_HTTP_PORT: String(deviceHttp),
    QUARTERMASTER_DEVICE_HTTPS_PORT: String(deviceHttps),
    QUARTERMASTER_DEVICE_PROCESSES: '1',
  }
  const machine = await newMachine(settings)
  writeFileSync(
    place.settings,
    Object.entries({ ...settings, DATABASE_URL: machine.connection })
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  )
  installFirst(place)
  const token = await furnish(machine)
  const data = join(root, 'product')
  mkdirSync(data)
  const laboratory = {
    server: { deviceHttp: `http://127.0.0.1:${deviceHttp}`, deviceHttps: `https://localhost:${deviceHttps}` },
    ...token,
    trust: { licensingRoot: rootFile, deviceRoot: join(place.data, 'tls/device-root.pem') },
  }
  writeFileSync(join(data, 'lab.json'), JSON.stringify(laboratory))
  const config = readConfig({ ...settings, DATABASE_URL: machine.connection })
  const ground = applianceGround(place)
  const appliance: Appliance = {
    place,
    machine,
    ground,
    current: () => basename(readlinkSync(join(place.releases, 'current'))),
    installed: () => readdirSync(join(place.releases, 'releases')).sort(),
    journal: () => readJournal(place.releases),
    healthy: async () => void (await askHealth(config)),
    report: count => product(data, 'use', 'advantage', String(count)),
    async upgradeAndDie(archive, step) {
      const child = spawn(process.execPath, ['test/support/upgradeAndDie.ts', JSON.stringify(place), archive, step], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let out = ''
      child.stdout.on('data', piece => {
        out += piece
      })
      const [, signal] = await once(child, 'close')
      return signal ?? out.trim()
    },
    async remove() {
      await stopServer(place)
      await machine.remove()
      rmSync(root, { recursive: true, force: true })
    },
  }
  await restartServer(place)
  await ground.waitUntilWell(appliance.healthy)
  const registered = await product(data, 'register', '--token', token.token, '--url', laboratory.server.deviceHttp)
  if (registered.code !== 0) throw new Error(registered.err + registered.out)
  return appliance
}

/** What the installer leaves: the first release, here by links into this tree, which is as read-only as the test leaves it. */
function installFirst({ releases }: Place): void {
  const folder = join(releases, 'releases/0.2.0')
  mkdirSync(folder, { recursive: true })
  for (const name of ['src', 'sql', 'views', 'appliance']) cpSync(join(source(), name), join(folder, name), { recursive: true })
  cpSync(join(source(), 'node'), join(folder, 'bin/node'))
  chmodSync(join(folder, 'bin/node'), 0o755)
  const description = JSON.parse(readFileSync('package.json', 'utf8'))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...description, version: '0.2.0' }))
  writeFileSync(join(folder, 'release-key.pem'), aKey.publicKey)
  if (!existsSync(join(releases, 'current'))) symlinkSync('releases/0.2.0', join(releases, 'current'))
}

/** An account, something bought, and a token, as they were made while the release ran. */
async function furnish(machine: Machine): Promise<{ token: string; tags: Record<string, string> }> {
  const { context, close } = await machine.open()
  const home = await registeredAccount(context)
  const { tags } = await insertLots(context, home, { ADVANTAGE: 100 })
  const { secret } = await newToken(context, home)
  await close()
  return { token: secret, tags: { advantage: tags.ADVANTAGE } }
}
