import { refuseUnless } from '../../src/rules/refusal.ts'
import type { Machine } from './machine.ts'

/** Runs a program of the host and gives what it printed; refused with its own words where it fails. `what` begins the sentence. */
export async function succeed(machine: Machine, program: string, args: readonly string[], what: string): Promise<string> {
  const { code, out, err } = await machine.run(program, args)
  refuseUnless(code === 0, 'CONFLICT', `${what}: ${(err || out).trim()}`)
  return out
}
