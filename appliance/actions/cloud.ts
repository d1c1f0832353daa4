import { z } from 'zod'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { serverProgram } from './programs.ts'

const nothing = z.strictObject({})
type Trial = { steps: { step: string; outcome: string; sentence: string }[] }

const trial = (machine: Machine) => serverProgram(machine, ['cloud-test']) as Promise<Trial>

export const cloudTest = action({
  name: 'cloud test',
  subject: 'network',
  sentence: 'Go the way to the cloud up to the sign-in, and name the step that fails',
  input: nothing,
  profiles,
  callers: ['console'],
  anywhere: true,
  run: async (_input, machine) => ({ steps: (await trial(machine)).steps }),
})

export const proxyTest = action({
  name: 'proxy test',
  subject: 'network',
  sentence: 'Go the way to the cloud as far as the proxy lets us through',
  input: nothing,
  profiles,
  callers: ['console'],
  anywhere: true,
  async run(_input, machine) {
    const { steps } = await trial(machine)
    const end = steps.findIndex(({ step }) => step === 'proxy')
    return { steps: steps.slice(0, end + 1) }
  },
})
