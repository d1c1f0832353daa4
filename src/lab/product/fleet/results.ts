import type { Kind } from './mix.ts'
import type { Measured } from './run.ts'
import type { KindResult } from './tally.ts'

/** What was run, as the results say it. */
export type Conditions = {
  count: number
  keys: number
  transport: string
  url: string
  keepAlive: boolean
  concurrency: number
  rate: number | null
  mix: string
}

/** Everything that a fleet came to, for `--json FILE`. Times are seconds, latencies milliseconds. */
export const resultsOf = (conditions: Conditions, measured: Measured) => ({
  ...conditions,
  ...measured,
  cpu: { ...measured.cpu, cores: (measured.cpu.user + measured.cpu.system) / measured.seconds },
})

/** The same for people. */
export function resultLines({ count, keys, transport, keepAlive, concurrency, rate, url }: Conditions, measured: Measured): string[] {
  const { prepared, kinds, seconds, cpu } = measured
  const connection = keepAlive ? 'kept connections' : 'a new connection for each message'
  const pace = rate === null ? 'as fast as they go' : `${rate}/s`
  return [
    `${count} products with ${keys} shared RSA keys over ${transport === 'smart' ? 'Smart Transport' : 'Call Home'} to ${url}: ${connection}, ${concurrency} at once, ${pace}.`,
    ...(prepared > 0 ? [`${prepared} registered beforehand, not measured.`] : []),
    ...Object.entries(kinds).map(([kind, result]) => kindLine(kind as Kind, result)),
    `The fleet itself took ${(cpu.user + cpu.system).toFixed(1)} s of processor time in ${seconds.toFixed(1)} s (${((cpu.user + cpu.system) / seconds).toFixed(2)} cores).`,
  ]
}

function kindLine(kind: Kind, { done, busy, refused, failed, retried, perSecond, latency }: KindResult): string {
  const { p50, p90, p99, max } = latency
  const times = [`p50 ${p50.toFixed(1)}`, `p90 ${p90.toFixed(1)}`, `p99 ${p99.toFixed(1)}`, `max ${max.toFixed(1)}`].join(', ')
  const trouble = [
    ...list('refused', refused),
    ...list('failed', failed),
    ...(retried > 0 ? [`${retried} failures tried again`] : []),
    ...(busy > 0 ? [`${busy} times told to wait`] : []),
  ]
  return `${kind.padEnd(9)} ${done} done, ${perSecond.toFixed(1)}/s; ${times} ms${trouble.length > 0 ? `; ${trouble.join(', ')}` : ''}`
}

const list = (word: string, counts: Record<string, number>) =>
  Object.entries(counts).map(([code, count]) => `${count} ${word} (${/^\d/.test(code) ? `agent code ${code}` : code})`)
