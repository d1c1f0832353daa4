import { readFileSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import { resolve } from 'node:path'
import { readEnvironmentFile } from './config/environmentFile.ts'
import { nearest } from './config/nearest.ts'
import { configFile, type Setting, settings } from './config/settings.ts'

const isRoot = () => process.getuid?.() === 0

const laboratoryOnly = ['labClockFile', 'exchangesFolder'] as const

type Settings = typeof settings
type Name = keyof Settings
type ValueOf<N extends Name> = Settings[N] extends Setting<infer T> ? T : never
type Given = { [N in Name]?: ValueOf<N> }

const defaults = () => ({
  httpsPort: 8443,
  deviceHttpPort: isRoot() ? 80 : 8080,
  deviceHttpsPort: isRoot() ? 443 : 9443,
  deviceProcesses: Math.max(1, availableParallelism() - 1),
  listenAddress: '::',
  hostNames: [...new Set([hostname(), 'localhost'])],
  helperSocket: '/run/quartermaster/server.sock',
  logLevel: 'info' as const,
  pairStatusFile: '/run/quartermaster-ha/status.json',
  laboratory: false,
  fips: false,
  inwardWebhooks: false,
})

type Defaulted = keyof ReturnType<typeof defaults> | 'dataFolder' | 'serverKeyFile' | 'backupsFolder'

/** The settings of this server, read once. `remarks`: sentences for the log about defaults that may surprise. */
export type Config = Readonly<
  { [N in Defaulted]: ValueOf<N> } & { [N in Exclude<Name, Defaulted>]: ValueOf<N> | undefined } & { remarks: readonly string[] }
>

function refuseUnknownNames(environment: NodeJS.ProcessEnv): void {
  const known = [...Object.values(settings), configFile].map(({ variable }) => variable)
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('QUARTERMASTER_') || known.includes(name)) continue
    const meant = nearest(name, known)
    throw new Error(`${name} is not a setting.${meant ? ` Is ${meant} meant?` : ''} "server --help" lists them all.`)
  }
}

/** An empty value is none, as in a unit that clears a setting. A value that may carry a password is not repeated. */
function readSetting<N extends Name>(name: N, environment: NodeJS.ProcessEnv): ValueOf<N> | undefined {
  const { variable, schema, allowed } = settings[name]
  const text = environment[variable]
  if (!text) return undefined
  const read = schema.safeParse(text)
  if (read.success) return read.data as ValueOf<N>
  throw new Error(`${variable}${variable === 'DATABASE_URL' ? '' : ` is "${text}", which`} is not allowed. It takes ${allowed}.`)
}

function withFile(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const file = environment[configFile.variable]
  if (!file) return environment
  try {
    return { ...readEnvironmentFile(readFileSync(file, 'utf8'), file), ...environment }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code ? new Error(`${configFile.variable} names ${file}, which cannot be read (${code}).`) : error
  }
}

const remarksOn = (given: Given, config: { deviceHttpPort: number; deviceHttpsPort: number }) =>
  isRoot() || (given.deviceHttpPort !== undefined && given.deviceHttpsPort !== undefined)
    ? []
    : [`Only root may open ports 80 and 443: products are served on ${config.deviceHttpPort} and ${config.deviceHttpsPort}.`]

/**
 * Reads every setting from `environment` and from the file that QUARTERMASTER_CONFIG names. Refuses, with a sentence that names the
 * variable, a value that is not allowed, an unknown QUARTERMASTER_ name, and outside a laboratory what only a laboratory may have.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const all = withFile(environment)
  refuseUnknownNames(all)
  const names = Object.keys(settings) as Name[]
  const given = Object.fromEntries(names.map(name => [name, readSetting(name, all)]).filter(([, value]) => value !== undefined)) as Given
  for (const name of laboratoryOnly) {
    if (given[name] && !given.laboratory)
      throw new Error(`${settings[name].variable} is for a laboratory: it takes QUARTERMASTER_LABORATORY=1.`)
  }
  const dataFolder = given.dataFolder ?? resolve('var')
  const none = Object.fromEntries(names.map(name => [name, undefined])) as Record<Exclude<Name, Defaulted>, undefined>
  const inDataFolder = {
    serverKeyFile: resolve(dataFolder, 'server/server.key'),
    backupsFolder: resolve(dataFolder, 'backups'),
    dataFolder,
  }
  const config = { ...none, ...defaults(), ...inDataFolder, ...given }
  return Object.freeze({
    ...config,
    hostNames: Object.freeze(config.hostNames) as string[],
    remarks: Object.freeze(remarksOn(given, config)),
  })
}

/** The settings that somebody gave, as text by their variable: from `environment` and from the file that it names. */
export function givenSettings(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const all = withFile(environment)
  const given = Object.values(settings).map(({ variable }) => [variable, all[variable]])
  return Object.fromEntries(given.filter(([, value]) => value))
}

/** Every setting with its meaning, what it takes and its default, for `server --help`. */
export function helpText(): string {
  const lines = Object.values(settings).map(
    ({ variable, meaning, allowed, default: preset }) => `  ${variable}\n      ${meaning}\n      ${allowed}; default: ${preset}`,
  )
  return ['Settings, from the environment:', ...lines, `  ${configFile.variable}\n      ${configFile.meaning}`, ''].join('\n')
}
