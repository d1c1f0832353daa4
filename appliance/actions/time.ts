import { join } from 'node:path'
import { z } from 'zod'
import { putFile } from '../../src/files.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { action, profiles } from './action.ts'
import { hostName } from './hostNames.ts'
import { listOf } from './listOf.ts'
import type { Machine } from './machine.ts'
import { succeed } from './succeed.ts'

const timedatectl = '/usr/bin/timedatectl'
const chronyc = '/usr/bin/chronyc'

export const timezone = action({
  name: 'timezone',
  subject: 'time',
  sentence: 'Show the time zone of the console, or set it; what is written down is in UTC whatever it is',
  input: z.strictObject({
    zone: z
      .string()
      .regex(/^[A-Za-z][A-Za-z\d_+-]{0,30}(\/[A-Za-z\d_+-]{1,30}){0,2}$/, 'Give a time zone as Europe/Vienna or UTC.')
      .optional()
      .describe('as Europe/Vienna or UTC; shown if left out'),
  }),
  positionals: ['zone'],
  profiles,
  callers: ['console', 'server'],
  async run({ zone }, machine) {
    if (zone) await succeed(machine, timedatectl, ['set-timezone', '--', zone], 'The time zone was not set')
    return { zone: zoneOf(await succeed(machine, timedatectl, ['show', '--property=Timezone'], 'The time zone cannot be read')) }
  },
})

/** The zone in what timedatectl shows. "If /etc/localtime is missing, the default "UTC" timezone is used" (localtime(5)), and it shows none. */
export const zoneOf = (shown: string): string => /^Timezone=(.+)$/m.exec(shown)?.[1] ?? 'UTC'

/** Where chrony reads further servers from; Debian's configuration includes the folder. */
const sourcesIn = (machine: Machine) => join(machine.folders.host, 'chrony/sources.d/quartermaster.sources')

export const ntp = action({
  name: 'ntp',
  subject: 'time',
  sentence: 'Show the time servers and how they are heard, or name others',
  input: z.strictObject({
    servers: listOf(hostName, { least: 1, most: 8 }).optional().describe('time servers, with commas between them; shown if left out'),
  }),
  positionals: ['servers'],
  profiles,
  callers: ['console', 'server'],
  async run({ servers }, machine) {
    if (servers) {
      // chrony reads it as a user of its own.
      putFile(sourcesIn(machine), servers.map(server => `server ${server} iburst\n`).join(''), 0o644)
      await succeed(machine, chronyc, ['reload', 'sources'], 'The time servers were written down, but chrony did not take them')
    }
    const out = await succeed(machine, chronyc, ['-c', '-n', 'sources'], 'Chrony does not answer')
    return { sources: out.split('\n').filter(Boolean).map(sourceOf) }
  },
})

const standings: Record<string, string> = {
  '*': 'followed',
  '+': 'agrees',
  '-': 'left out',
  '?': 'not heard',
  x: 'wrong',
  '~': 'varies too much',
}

/** What chronyc writes for the age of what it has not heard. */
const never = 2 ** 32 - 1

/** A line of `chronyc -c sources`: mode, state, name, stratum, poll, reach, last heard, offset … */
function sourceOf(line: string) {
  const [, state = '', server = '', stratum, , , heard, offset] = line.split(',')
  const isHeard = Number(heard) !== never
  return {
    server,
    standing: standings[state] ?? state,
    stratum: isHeard ? Number(stratum) : null,
    heardSecondsAgo: isHeard ? Number(heard) : null,
    offsetSeconds: isHeard ? Number(offset) : null,
  }
}

export const date = action({
  name: 'date',
  subject: 'time',
  sentence: 'Show the clock; or set it, where there is no time server to hear',
  input: z.strictObject({
    to: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, 'Give the time in UTC as "2026-11-24 14:00:00".')
      .optional()
      .describe('the time in UTC, as "2026-11-24 14:00:00"; shown if left out'),
  }),
  positionals: ['to'],
  profiles,
  callers: ['console'],
  async run({ to }, machine) {
    if (to) await setClock(machine, to)
    const out = await succeed(machine, timedatectl, ['show', '--property=NTPSynchronized', '--value'], 'The clock cannot be read')
    return { now: (to ? new Date() : machine.now()).toISOString(), synchronized: out.trim() === 'yes' }
  },
})

/** Certificates and synchronization live by the clock: it is set only where no time server would set it back at once. */
async function setClock(machine: Machine, to: string): Promise<void> {
  const { out } = await machine.run(chronyc, ['-c', '-n', 'sources'])
  if (out.split('\n').some(line => line.split(',')[1] === '*'))
    throw new Refusal('CONFLICT', 'A time server is followed, which is right by itself. Name others with "ntp" if it is not.', 'to')
  await succeed(machine, '/usr/bin/date', ['--utc', `--set=${to}`], 'The clock was not set')
  await machine.run(chronyc, ['makestep'])
}
