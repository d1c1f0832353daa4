import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { checkHealth } from '../../appliance/upgrade/check.ts'
import type { Ground } from '../../appliance/upgrade/ground.ts'

/** A machine on which a question for health takes so many milliseconds, and comes to one of these codes after the other, the last one again and again. */
function machineOf({ takes, codes }: { takes: number; codes: number[] }): Ground {
  let asked = 0
  return {
    ...{ releases: '/opt/quartermaster', data: '/', environment: {}, now: () => new Date(), tell() {}, restart: async () => {} },
    patience: { every: 1, times: 5, within: 200 },
    async run(_program, args) {
      if (args.includes('schema')) return { code: 0, out: '{"schema":60,"known":60,"fits":true}', err: '' }
      await pause(takes)
      const code = codes[Math.min(asked++, codes.length - 1)]!
      return { code, out: '', err: code === 0 ? '' : 'The door is closed.' }
    },
  }
}

describe('the health check after a switch', () => {
  it('waits for the answers that follow the first good one, however long a busy machine takes for each', async () => {
    await checkHealth(machineOf({ takes: 60, codes: [0] }), '0.9.1')
    await checkHealth(machineOf({ takes: 60, codes: [1, 0] }), '0.9.1')
  })

  it('ends with the last words of a server that is not well in time, or well only now and then', async () => {
    for (const codes of [[1], [0, 0, 0, 0, 1]])
      await assert.rejects(checkHealth(machineOf({ takes: 60, codes }), '0.9.1'), /release 0\.9\.1 is not well .*The door is closed/)
  })
})
