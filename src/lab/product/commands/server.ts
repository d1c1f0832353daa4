import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { State } from '../agent/state.ts'
import { type Transport, transports } from '../agent/transport.ts'
import { textOf, UsageError, type Values } from './command.ts'
import type { Laboratory } from './laboratory.ts'

/** A server as an agent is given it: where, how, and whom to trust. */
export type Server = { url: string; transport: Transport; trust: string; tlsTrust: string | undefined }

/** What the options say of the server. Files are made absolute, so that they can be remembered. */
export function settingsFrom(values: Values): State['settings'] {
  const [url, transport, trust, tlsTrust] = ['url', 'transport', 'trust', 'tls-trust'].map(name => textOf(values, name))
  if (transport !== undefined && !transports.includes(transport as Transport)) {
    throw new UsageError(`--transport must be smart or callhome, not '${transport}'.`)
  }
  return {
    ...(url && { url }),
    ...(transport && { transport: transport as Transport }),
    ...(trust && { trust: resolve(trust) }),
    ...(tlsTrust && { tlsTrust: resolve(tlsTrust) }),
  }
}

/** The server of the settings, or that of the laboratory. Throws UsageError where there is neither, or a file cannot be read. */
export function serverFrom(settings: State['settings'], laboratory: Laboratory | undefined): Server {
  const url = settings.url ?? laboratory?.server.deviceHttps
  const trust = settings.trust ?? laboratory?.trust.licensingRoot
  if (!url || !trust) {
    throw new UsageError('No laboratory is running: start one with npm start, or name a server with --url, --trust and --tls-trust.')
  }
  const tlsTrust = settings.tlsTrust ?? laboratory?.trust.deviceRoot
  return {
    url,
    transport: settings.transport ?? 'smart',
    trust: readTrust('trust', trust),
    tlsTrust: url.startsWith('https:') && tlsTrust !== undefined ? readTrust('tls-trust', tlsTrust) : undefined,
  }
}

function readTrust(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new UsageError(`The file ${file} cannot be read: name the right one with --${option}.`)
  }
}
