import { z } from 'zod'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'

const systemctl = '/usr/bin/systemctl'
const journalctl = '/usr/bin/journalctl'
const day = 86_400_000

/** The services of an appliance by the names that an operator knows them by. */
const units = {
  server: 'quartermaster.service',
  database: 'postgresql@*.service',
  helper: 'quartermaster-helper.service',
  'high-availability': 'quartermaster-ha.service',
  failover: 'keepalived.service',
  time: 'chrony.service',
  ssh: 'ssh.service',
  firewall: 'nftables.service',
} as const
type Service = keyof typeof units
const names = Object.keys(units) as [Service, ...Service[]]
const serviceName = z.enum(names)

/** Starting it again ends nothing that the operator at the console stands on. */
const restartable = z.enum(['server', 'database', 'high-availability', 'failover', 'time'])

/** How each service stands, in systemd's words: `running`, or `active` where it did its work and ended. Those that this machine does not have are left out. */
export async function readServices(machine: Machine) {
  const properties = 'Id,LoadState,ActiveState,SubState,MemoryCurrent,ActiveEnterTimestamp'
  const { out } = await machine.run(systemctl, ['show', '--timestamp=unix', `--property=${properties}`, '--', ...Object.values(units)])
  return out
    .split('\n\n')
    .map(block => Object.fromEntries(block.split('\n').map(line => line.split(/=(.*)/s).slice(0, 2))) as Record<string, string>)
    .filter(({ LoadState }) => LoadState === 'loaded')
    .map(unit => ({
      service: names.find(name => matches(units[name], unit.Id ?? '')) ?? unit.Id ?? '',
      state: unit.SubState === 'running' ? 'running' : (unit.ActiveState ?? ''),
      since: unit.ActiveEnterTimestamp?.startsWith('@') ? new Date(Number(unit.ActiveEnterTimestamp.slice(1)) * 1000).toISOString() : null,
      memoryBytes: /^\d+$/.test(unit.MemoryCurrent ?? '') && Number(unit.MemoryCurrent) < 2 ** 50 ? Number(unit.MemoryCurrent) : null,
    }))
}

const matches = (pattern: string, id: string) => {
  const [before, after] = pattern.split('*')
  return after === undefined ? id === pattern : id.startsWith(before!) && id.endsWith(after)
}

export const services = action({
  name: 'services',
  subject: 'services',
  sentence: 'Which services run, since when, and with how much memory',
  input: z.strictObject({}),
  profiles,
  callers: ['console'],
  run: async (_input, machine) => ({ services: await readServices(machine) }),
})

export const restart = action({
  name: 'restart',
  subject: 'services',
  sentence: 'Start a service again',
  input: z.strictObject({ service: restartable.describe('which service') }),
  positionals: ['service'],
  profiles,
  callers: ['console'],
  async run({ service }, machine) {
    machine.tell({ step: `starting ${service} again` })
    const { code, err } = await machine.run(systemctl, ['restart', '--', units[service]], { timeout: 180_000 })
    refuseUnless(code === 0, 'CONFLICT', `The service ${service} did not start again: ${err.trim()} "logs ${service}" may say why.`)
    // systemd says yes, too, where a condition of the unit lets it pass the start over.
    const { out } = await machine.run(systemctl, ['is-active', '--', units[service]])
    const words = `The service ${service} is passed over by this machine: a condition for its start is not met. "logs ${service}" may say which.`
    refuseUnless(!/^inactive$/m.test(out), 'CONFLICT', words)
    return { service, state: 'started again' }
  },
})

/** What journalctl takes as a time and an operator types: a date, a time, or so long ago. */
const since = z
  .string()
  .regex(
    /^(\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d)?)?|\d\d:\d\d|today|yesterday|\d{1,5} ?(min|minutes?|hours?|days?)( ago)?)$/,
    'Give a time as "2026-11-24 14:00", "today" or "2 hours ago".',
  )

export const logs = action({
  name: 'logs',
  subject: 'services',
  sentence: 'The newest lines of the log, of all services or of one',
  input: z.strictObject({
    service: serviceName.optional().describe('of which service; of all of them if left out'),
    since: since.optional().describe('from when on: "2026-11-24 14:00", "today", "2 hours ago"'),
    grep: z.string().max(100).optional().describe('only lines in which this stands'),
    lines: z.coerce.number().int().min(1).max(5000).default(200).describe('how many lines at most'),
    follow: z.boolean().default(false).describe('go on with what comes, until Ctrl-C'),
  }),
  positionals: ['service'],
  profiles,
  callers: ['console'],
  async run({ service, since: from, grep, lines, follow }, machine) {
    const wanted = service ? [units[service]] : Object.values(units)
    const args = [
      '--no-pager',
      '--output=short-iso',
      '--no-hostname',
      '--quiet',
      `--lines=${lines}`,
      ...wanted.map(unit => `--unit=${unit}`),
      ...(from ? [`--since=${/\d$|day$/.test(from) ? from : from.replace(/( ago)?$/, ' ago')}`] : []),
      ...(grep ? [`--grep=${escaped(grep)}`, '--case-sensitive=no'] : []),
    ]
    if (!follow) return { lines: linesOf((await machine.run(journalctl, args)).out) }
    const onLine = (line: string) => machine.tell({ line: readable(line) })
    // Following keeps to this boot, by a number that is another one inside the helper's namespaces where the machine is a container; merging does not.
    await machine.run(journalctl, [...args, '--follow', '--merge'], { timeout: day, onLine }).catch(error => {
      // Whoever followed it has seen enough.
      if (!machine.signal.aborted) throw error
    })
    return { lines: [] }
  },
})

/** What was typed is looked for as it stands: a pattern could be one that never ends. */
const escaped = (words: string) => words.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(readable)

/** A line of the journal as it is read: the server's own are JSON, of which people want the sentence first and no time twice. */
export function readable(line: string): string {
  const at = line.indexOf(': {"level":')
  if (at < 0) return line
  try {
    const { level, time: _time, msg, ...rest } = JSON.parse(line.slice(at + 2)) as { level: number; time: string; msg?: string }
    const severity = level >= 50 ? 'ERROR ' : level >= 40 ? 'WARNING ' : ''
    const details = Object.entries(rest).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    return `${line.slice(0, at)}: ${severity}${msg ?? ''}${details.length > 0 ? ` (${details.join(', ')})` : ''}`
  } catch {
    // It was cut off.
    return line
  }
}
