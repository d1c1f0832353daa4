import { hostname, loadavg, uptime as secondsUp } from 'node:os'
import { z } from 'zod'
import { action, profiles } from './action.ts'

export const uptime = action({
  name: 'uptime',
  subject: 'overview',
  sentence: 'How long the machine has been up, and how busy it is',
  input: z.strictObject({}),
  profiles,
  callers: ['console'],
  anywhere: true,
  async run(_input, machine) {
    const seconds = Math.floor(secondsUp())
    const since = new Date(machine.now().getTime() - seconds * 1000).toISOString()
    return { host: hostname(), since, days: Math.floor(seconds / 86_400), load: loadavg().map(load => Math.round(load * 100) / 100) }
  },
})
