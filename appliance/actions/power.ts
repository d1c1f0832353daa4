import { z } from 'zod'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { succeed } from './succeed.ts'

const systemctl = '/usr/bin/systemctl'
const nothing = z.strictObject({})

/** Told to systemd without waiting, so that whoever asked hears that it is on its way. */
async function power(machine: Machine, verb: 'reboot' | 'poweroff') {
  await succeed(machine, systemctl, ['--no-block', verb], 'The machine refuses')
  return { state: verb === 'reboot' ? 'starting again' : 'shutting down' }
}

export const reboot = action({
  name: 'reboot',
  subject: 'power',
  sentence: 'Start the machine again; products come again by themselves',
  input: nothing,
  profiles,
  callers: ['console'],
  confirm: () => 'reboot',
  run: (_input, machine) => power(machine, 'reboot'),
})

export const shutdown = action({
  name: 'shutdown',
  subject: 'power',
  sentence: 'Switch the machine off; somebody has to switch it on again where it stands',
  input: nothing,
  profiles,
  callers: ['console'],
  confirm: () => 'shutdown',
  run: (_input, machine) => power(machine, 'poweroff'),
})
