import { z } from 'zod'
import { action, profiles } from './action.ts'
import { serverProgram } from './programs.ts'

const nothing = z.strictObject({})
const callers = ['console'] as const
/** A trail of years has millions of records. */
const timeout = 1_800_000

export const verifyTrail = action({
  name: 'trail verify',
  subject: 'trail',
  sentence: 'Follow the chain of the audit trail, and name the first place that does not hold',
  input: nothing,
  profiles,
  callers,
  anywhere: true,
  run: (_input, machine) => serverProgram(machine, ['trail', 'verify'], { timeout }),
})

export const exportTrail = action({
  name: 'trail export',
  subject: 'trail',
  sentence: 'Write the audit trail into backups:, with its end signed; "copy" brings it to another machine',
  input: nothing,
  profiles,
  callers,
  anywhere: true,
  run: (_input, machine) => serverProgram(machine, ['trail', 'export'], { timeout }),
})
