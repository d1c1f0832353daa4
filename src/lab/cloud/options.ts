import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { CloudOptions } from './openCloud.ts'

/** What `--help` prints. */
export const help = `npm run cloud -- [options]: a small, real Smart Software Manager

  --data DIR        everything it keeps (default: var/cloud in this folder)
  --port N          the port of its pages and its interface (default 8444; 0 is any free port)
  --clock FILE      a file with the milliseconds to add to the time
  --exchanges DIR   a folder for copies of every container that goes up or comes down

Open its address in a browser and sign in as cloud.json in DIR says: Smart Accounts and what they own, On-Prem servers, OAuth clients, faults on
demand, and the file exchange, where a courier uploads the request that a server without a network made and downloads the response. By a script:
  curl --cacert DIR/cloud-root.pem -u NAME:PASSWORD --json @Lab-1.sync-request.json -o Lab-1.sync-response.json https://localhost:8444/exchange
`

const flags = {
  data: { type: 'string' },
  port: { type: 'string' },
  clock: { type: 'string' },
  exchanges: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** Reads the command line; undefined when help was asked for. Refuses, in one sentence, what is no option or no port. */
export function readOptions(words: string[]): CloudOptions | undefined {
  const { values } = parseArgs({ args: words, options: flags })
  if (values.help) return undefined
  const port = values.port ?? '8444'
  if (!/^\d+$/.test(port) || Number(port) > 65_535) throw new Error(`--port takes a whole number from 0 to 65535, not "${port}".`)
  const path = (name: string | undefined) => (name === undefined ? undefined : resolve(name))
  return {
    data: resolve(values.data ?? 'var/cloud'),
    port: Number(port),
    clockFile: path(values.clock),
    exchanges: path(values.exchanges),
  }
}
