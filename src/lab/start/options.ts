import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** What `npm start --` was asked for. A port of 0 is any free one. */
export type Options = {
  data: string
  fresh: boolean
  ports: { https: number; deviceHttp: number; deviceHttps: number; cloud: number }
  products: number
  /** Remarks for the person who started it. */
  remarks: string[]
}

export const help = `npm start -- [options]: the server, a cloud and some products on one machine

  --data DIR               everything it keeps (also QUARTERMASTER_DATA; default: var in this folder)
  --fresh                  forget the former laboratory first
  --https-port N           the workspaces and the API (default 8443; 0 is any free port, here and below)
  --device-http-port N     products without TLS (default 80; 8080 for an ordinary user)
  --device-https-port N    products over TLS (default 443; 9443 for an ordinary user)
  --cloud-port N           the laboratory's cloud (default 8444)
  --products N             how many products of the fleet (default 3)
  --no-fleet               server and cloud alone, account registered

DATABASE_URL names a PostgreSQL to use instead of the one of its own.
`

const flags = {
  data: { type: 'string' },
  fresh: { type: 'boolean' },
  'https-port': { type: 'string' },
  'device-http-port': { type: 'string' },
  'device-https-port': { type: 'string' },
  'cloud-port': { type: 'string' },
  products: { type: 'string' },
  'no-fleet': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Reads the command line; undefined when help was asked for. Refuses, in one sentence, what is no option or no number. */
export function readOptions(words: string[], environment = process.env, isRoot = process.getuid?.() === 0): Options | undefined {
  const { values } = parseArgs({ args: words, options: flags })
  if (values.help) return undefined
  const port = (name: 'https-port' | 'device-http-port' | 'device-https-port' | 'cloud-port', preset: number) =>
    wholeNumber(`--${name}`, values[name], preset, 65_535)
  const ports = {
    https: port('https-port', 8443),
    deviceHttp: port('device-http-port', isRoot ? 80 : 8080),
    deviceHttps: port('device-https-port', isRoot ? 443 : 9443),
    cloud: port('cloud-port', 8444),
  }
  const standsIn = !isRoot && values['device-http-port'] === undefined && values['device-https-port'] === undefined
  return {
    data: resolve(values.data ?? environment.QUARTERMASTER_DATA ?? 'var'),
    fresh: values.fresh ?? false,
    ports,
    products: values['no-fleet'] ? 0 : wholeNumber('--products', values.products, 3, 10_000),
    remarks: standsIn ? ['Only root may open ports 80 and 443: products are served on 8080 and 9443.'] : [],
  }
}

function wholeNumber(name: string, text: string | undefined, preset: number, most: number): number {
  if (text === undefined) return preset
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > most) throw new Error(`${name} takes a whole number from 0 to ${most}, not "${text}".`)
  return number
}
