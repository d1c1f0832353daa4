import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ensureAccounts, smartAccount } from './start/accounts.ts'
import { openApi } from './start/api.ts'
import { type Child, startChild } from './start/children.ts'
import { startFleet } from './start/fleet.ts'
import { type Memory, prepareFolder, recall, remember, writePrivately } from './start/memory.ts'
import { help, type Options, readOptions } from './start/options.ts'

type CloudReady = {
  url: string
  username: string
  password: string
  clientId: string
  clientSecret: string
  licensingRoot: string
  cloudRoot: string
  tags: Record<string, string>
}
type ServerReady = { https: number; deviceHttp: number; deviceHttps: number }

const serverProgram = new URL('../server.ts', import.meta.url)
const cloudProgram = new URL('./cloud/main.ts', import.meta.url)
const say = (words: string) => void process.stdout.write(`${words}\n`)
const run = promisify(execFile)

/** `npm start`: the database, the server, a cloud and some products on one machine, up until Ctrl-C. */
async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (!options) return say(help)
  const began = performance.now()
  const labFile = join(options.data, 'lab.json')
  refuseSecond(labFile)
  prepareFolder(options.data, options.fresh)
  for (const remark of options.remarks) say(remark)
  const open: { stop(): unknown }[] = []
  const closing = closeOnSignal(open, labFile)
  try {
    const lab = await openLaboratory(options, open)
    writePrivately(labFile, lab)
    say(welcome(lab, Math.round((performance.now() - began) / 1000)))
    await closing
  } catch (error) {
    await closeAll(open, labFile)
    throw error
  }
}

/** Brings up one part after the other; what is open is put into `open` at once, so that it is closed whatever happens next. */
async function openLaboratory(options: Options, open: { stop(): unknown }[]) {
  const { data } = options
  const clock = join(data, 'lab-clock')
  const exchanges = join(data, 'exchanges')
  say('Starting the cloud …')
  const cloud = await startCloud(options, clock, exchanges)
  open.unshift(cloud)
  say('Starting the server and its database …')
  const environment = serverEnvironment(options, cloud.ready, clock, exchanges)
  const server = await startChild<ServerReady>(
    { name: 'server', module: serverProgram, words: [], environment, log: join(data, 'logs/server.log') },
    say,
  )
  open.unshift(server)
  const memory = await ensureSignIns(data, environment)
  const trust = {
    licensingRoot: cloud.ready.licensingRoot,
    browserRoot: join(data, 'tls/browser-root.pem'),
    deviceRoot: join(data, 'tls/device-root.pem'),
    cloudRoot: cloud.ready.cloudRoot,
  }
  say('Registering the Local Accounts with the cloud …')
  const api = await openApi(server.ready.https, trust.browserRoot, memory.client)
  const accounts = await ensureAccounts(api, cloud.ready, data, memory)
  const lab = labOf(server.ready, cloud.ready, { ...memory, accounts }, trust, { exchanges, clock })
  if (options.products > 0) {
    say(`Bringing up ${options.products} products …`)
    const place = { ...lab.server, ...trust, clock, folder: join(data, 'products') }
    const fleet = await startFleet(options.products, place, lab.token, lab.tags)
    open.unshift(fleet)
    for (const trouble of fleet.troubles) say(`  ${trouble}`)
  }
  return lab
}

const startCloud = ({ data, ports }: Options, clock: string, exchanges: string): Promise<Child<CloudReady>> =>
  startChild<CloudReady>(
    {
      name: 'cloud',
      module: cloudProgram,
      words: ['--data', join(data, 'cloud'), '--port', String(ports.cloud), '--clock', clock, '--exchanges', exchanges],
      log: join(data, 'logs/cloud.log'),
    },
    say,
  )

const serverEnvironment = ({ data, ports }: Options, cloud: CloudReady, clock: string, exchanges: string) => ({
  QUARTERMASTER_DATA: data,
  QUARTERMASTER_LABORATORY: '1',
  QUARTERMASTER_LAB_CLOCK: clock,
  QUARTERMASTER_EXCHANGES: exchanges,
  QUARTERMASTER_LICENSING_ROOT: cloud.licensingRoot,
  QUARTERMASTER_CLOUD_URL: cloud.url,
  QUARTERMASTER_CLOUD_CA: cloud.cloudRoot,
  QUARTERMASTER_HTTPS_PORT: String(ports.https),
  QUARTERMASTER_DEVICE_HTTP_PORT: String(ports.deviceHttp),
  QUARTERMASTER_DEVICE_HTTPS_PORT: String(ports.deviceHttps),
})

/** The first System Administrator and the first API client, made at the console as an installer would, and kept for the next start. */
async function ensureSignIns(data: string, environment: NodeJS.ProcessEnv) {
  const memory = recall(data)
  const ask = async (...words: string[]) => {
    const { stdout } = await run(process.execPath, [fileURLToPath(serverProgram), ...words, '--json'], {
      env: { ...process.env, ...environment },
    })
    return JSON.parse(stdout)
  }
  const administrator = memory.administrator ?? (await ask('administrator', 'create', 'admin', '--keep'))
  const client = memory.client ?? (await ask('api-client', 'create', 'laboratory'))
  const known = { ...memory, administrator, client } as Memory & Required<Pick<Memory, 'administrator' | 'client'>>
  remember(data, known)
  return known
}

/** `lab.json`, as the laboratory's page of the design has it. */
function labOf(
  ports: ServerReady,
  cloud: CloudReady,
  memory: Required<Memory>,
  trust: Record<'licensingRoot' | 'browserRoot' | 'deviceRoot' | 'cloudRoot', string>,
  files: { exchanges: string; clock: string },
) {
  const { token, ...account } = memory.accounts[0]!
  return {
    server: {
      admin: `https://localhost:${ports.https}/admin`,
      licensing: `https://localhost:${ports.https}/`,
      deviceHttp: `http://localhost:${ports.deviceHttp}`,
      deviceHttps: `https://localhost:${ports.deviceHttps}`,
    },
    admin: memory.administrator,
    api: memory.client,
    account: { ...account, smartAccount, virtualAccount: account.name },
    accounts: memory.accounts,
    token,
    tags: cloud.tags,
    cloud: {
      url: cloud.url,
      username: cloud.username,
      password: cloud.password,
      clientId: cloud.clientId,
      clientSecret: cloud.clientSecret,
    },
    trust,
    ...files,
    process: process.pid,
  }
}

const welcome = (lab: ReturnType<typeof labOf>, seconds: number) => `
Quartermaster is ready (${seconds} s).

  Licensing workspace   ${lab.server.licensing}
  Admin workspace       ${lab.server.admin}
  sign in as            ${lab.admin.username}  ${lab.admin.password}
  the cloud             ${lab.cloud.url}  (${lab.cloud.username}  ${lab.cloud.password})
  products              ${lab.server.deviceHttps} and ${lab.server.deviceHttp}

Look first at Inventory › Product instances: it is alive. Then let a product use more than was bought, and see why it is out of compliance:
  npm run product -- register --token "$(node -p 'require("./var/lab.json").token')"
  npm run product -- use advantage 1000

Ctrl-C stops everything; the next start finds it as it was.`

function refuseSecond(labFile: string): void {
  if (!existsSync(labFile)) return
  const { process: pid } = JSON.parse(readFileSync(labFile, 'utf8')) as { process?: number }
  try {
    if (pid && process.kill(pid, 0))
      throw new Error(`This laboratory is running already (process ${pid}). Stop it, or name another folder with --data.`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function closeAll(open: { stop(): unknown }[], labFile: string): Promise<void> {
  rmSync(labFile, { force: true })
  for (const part of open) await part.stop()
}

/** Ctrl-C and a service manager's end stop everything in order: products, server, cloud. */
const closeOnSignal = (open: { stop(): unknown }[], labFile: string): Promise<void> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, async () => {
        process.once(signal, () => process.exit(1))
        say('\nStopping …')
        await closeAll(open, labFile)
        say('Everything is stopped and kept.')
        resolve()
        process.exit(0)
      })
    }
  })

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
