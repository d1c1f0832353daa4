import { isIP } from 'node:net'
import { z } from 'zod'
import { action, profiles } from './action.ts'
import { hostName } from './hostNames.ts'

const host = hostName.describe('its name or address')

export const ping = action({
  name: 'ping',
  subject: 'network',
  sentence: 'See whether another machine answers, and how quickly',
  input: z.strictObject({ host, count: z.coerce.number().int().min(1).max(20).default(4).describe('how often') }),
  positionals: ['host', 'count'],
  profiles,
  callers: ['console'],
  async run({ host: to, count }, machine) {
    const { code, out, err } = await machine.run('/usr/bin/ping', ['-c', String(count), '-w', String(count + 10), '--', to], {
      onLine: line => machine.tell({ line }),
    })
    const [, sent = '0', received = '0'] = /(\d+) packets transmitted, (\d+) received/.exec(out) ?? []
    const [, average] = /= [\d.]+\/([\d.]+)\//.exec(out) ?? []
    return {
      answers: code === 0,
      sent: Number(sent),
      received: Number(received),
      averageMilliseconds: average ? Number(average) : null,
      ...(code > 1 ? { reason: err.trim() } : {}),
    }
  },
})

export const traceroute = action({
  name: 'traceroute',
  subject: 'network',
  sentence: 'Name the routers on the way to another machine',
  input: z.strictObject({ host }),
  positionals: ['host'],
  profiles,
  callers: ['console'],
  async run({ host: to }, machine) {
    const { code, out, err } = await machine.run('/usr/bin/traceroute', ['-n', '-m', '20', '-q', '1', to], {
      timeout: 120_000,
      onLine: line => machine.tell({ line }),
    })
    const hops = out.split('\n').flatMap(line => {
      const [, hop, address, milliseconds] = /^\s*(\d+)\s+(\S+)(?:\s+([\d.]+) ms)?/.exec(line) ?? []
      return hop
        ? [{ hop: Number(hop), address: address === '*' ? null : address!, milliseconds: milliseconds ? Number(milliseconds) : null }]
        : []
    })
    return { hops, ...(code === 0 ? {} : { reason: err.trim() }) }
  },
})

export const nslookup = action({
  name: 'nslookup',
  subject: 'network',
  sentence: 'Look up the addresses of a name, or the name of an address, as this machine finds them',
  input: z.strictObject({ host }),
  positionals: ['host'],
  profiles,
  callers: ['console'],
  async run({ host: name }, machine) {
    // The machine's own way to names: what the server meets, too.
    const { out } = await machine.run('/usr/bin/getent', isIP(name) ? ['hosts', '--', name] : ['ahosts', '--', name])
    const rows = out
      .split('\n')
      .filter(Boolean)
      .map(line => line.trim().split(/\s+/))
    const found = [...new Set(rows.flatMap(([address = '', ...names]) => (isIP(name) ? names : [address])))]
    return { name, found }
  },
})
