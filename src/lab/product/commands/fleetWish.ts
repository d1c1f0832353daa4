import { join, resolve } from 'node:path'
import type { ParseArgsOptionsConfig } from 'node:util'
import type { Clock } from '../agent/clock.ts'
import type { Use } from '../agent/state.ts'
import { type Mix, parseMix } from '../fleet/mix.ts'
import { numberOf, textOf, UsageError, type Values } from './command.ts'
import { clockOf, dataFolder, type Laboratory, readLaboratory } from './laboratory.ts'
import { type Server, serverFrom, settingsFrom } from './server.ts'
import { tagFrom } from './tags.ts'

export const fleetOptions = {
  count: { type: 'string' },
  mix: { type: 'string' },
  seconds: { type: 'string' },
  rate: { type: 'string' },
  concurrency: { type: 'string' },
  'keep-alive': { type: 'boolean' },
  keys: { type: 'string' },
  token: { type: 'string' },
  tag: { type: 'string', multiple: true },
  quantity: { type: 'string' },
  json: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig

export const fleetHelp = `--count N         how many products
--mix LIST        what they do: register, authorize, renew; authorize:9,renew:1 weighs them (register,authorize)
--seconds S       go on with the mix for so long, trying nothing twice; without it each product does each kind once, until it is done
--rate R          so many a second; latencies then count from the moment each should have begun
--concurrency C   so many at once (32)
--keep-alive      keep connections open; without it each message opens a new one, with a full TLS handshake
--keys N          how many RSA keys the products share, made beforehand (32)
--token T         the registration token (the laboratory's)
--tag TAG         what each product uses (repeatable; the laboratory's first); --quantity N: up to so many of it (1)
--json FILE       write the results to a file
--state DIR       where the fleet is kept between two runs (products/fleet)`

/** What a fleet's command line asks for. */
export type FleetWish = Server & {
  folder: string
  count: number
  mix: Mix
  mixText: string
  seconds: number | undefined
  rate: number | undefined
  concurrency: number
  keepAlive: boolean
  keys: number
  token: string
  usage: Use[]
  pid: string
  clock: Clock
  resultFile: string | undefined
}

/** Reads a fleet's options, with the laboratory's values for what they leave open. Throws UsageError. */
export function fleetWish(values: Values): FleetWish {
  const data = dataFolder(textOf(values, 'data'))
  const laboratory = readLaboratory(data)
  const count = numberOf(values, 'count', 1)
  if (count === undefined) throw new UsageError('Say with --count how many products the fleet has.')
  const mixText = textOf(values, 'mix') ?? 'register,authorize'
  return {
    ...serverFrom(settingsFrom(values), laboratory),
    folder: resolve(textOf(values, 'state') ?? join(data, 'products/fleet')),
    count,
    mix: parseMix(mixText),
    mixText,
    seconds: numberOf(values, 'seconds', 0.1, false),
    rate: numberOf(values, 'rate', 0.001, false),
    concurrency: Math.min(numberOf(values, 'concurrency', 1) ?? 32, count),
    keepAlive: values['keep-alive'] === true,
    keys: Math.min(numberOf(values, 'keys', 1) ?? 32, count),
    token: tokenFrom(values, laboratory),
    usage: usageFrom(values, laboratory),
    pid: textOf(values, 'pid') ?? 'EX-R1000',
    clock: clockOf(laboratory),
    resultFile: textOf(values, 'json'),
  }
}

function tokenFrom(values: Values, laboratory: Laboratory | undefined): string {
  const token = textOf(values, 'token') ?? laboratory?.token
  if (!token) throw new UsageError('Give the registration token with --token; the server shows it to whoever may see it.')
  return token.trim()
}

function usageFrom(values: Values, laboratory: Laboratory | undefined): Use[] {
  const names = (values.tag as string[] | undefined) ?? Object.keys(laboratory?.tags ?? {}).slice(0, 1)
  if (names.length === 0) throw new UsageError('Say with --tag what the products use.')
  const count = numberOf(values, 'quantity', 1) ?? 1
  return names.map(name => ({ tag: tagFrom(name, laboratory), count }))
}
