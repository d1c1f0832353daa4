import { join } from 'node:path'
import { z } from 'zod'
import { Refusal, type RefusalCode } from '../../src/rules/refusal.ts'
import { action, type Json, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { patchFile, pathOf } from './places.ts'

const hours = 3_600_000

/**
 * Starts the upgrader, which is a program of its own, so that it does not end with the helper that is started again by it. Its progress is told as it
 * comes, and what it says no with is passed on.
 */
async function upgrader(machine: Machine, words: string[]): Promise<Json> {
  let last: { result?: Json; error?: { code: string; message: string } } = {}
  const onLine = (line: string) => {
    const said = line.startsWith('{') ? JSON.parse(line) : {}
    if (said.progress) machine.tell(said.progress)
    else last = said
  }
  const program = join(machine.folders.code, 'appliance/upgrade/main.ts')
  const { code, err } = await machine.run(process.execPath, [program, ...words], {
    timeout: 6 * hours,
    onLine: (line, from) => from === 'out' && onLine(line),
  })
  if (code === 0) return last.result ?? null
  const { code: why, message } = last.error ?? { code: 'FAULT', message: err.trim() || `it ended with ${code}` }
  throw why === 'FAULT' ? new Error(`The upgrader failed: ${message}`) : new Refusal(why as RefusalCode, message, 'file')
}

const release = patchFile('the release, as patches:NAME.qmr')

export const checkUpgrade = action({
  name: 'upgrade check',
  subject: 'upgrade',
  sentence: 'Read a release through, and say who signed it and what is new in it; nothing is changed',
  input: z.strictObject({ file: release }),
  positionals: ['file'],
  profiles,
  callers: ['console', 'server'],
  run: ({ file }, machine) => upgrader(machine, ['check', pathOf(machine, file)]),
})

export const applyUpgrade = action({
  name: 'upgrade',
  subject: 'upgrade',
  sentence: 'Put a newer release in the place of this one: backup, trial, switch, health check, and back by itself if it is not well',
  input: z.strictObject({ file: release }),
  positionals: ['file'],
  profiles,
  callers: ['console', 'server'],
  confirm: () => 'upgrade',
  job: true,
  run: ({ file }, machine) => upgrader(machine, ['apply', pathOf(machine, file)]),
})

export const upgradeHistory = action({
  name: 'upgrade history',
  subject: 'upgrade',
  sentence: 'Every upgrade and rollback of this machine, and what each came to',
  input: z.strictObject({}),
  profiles,
  callers: ['console', 'server'],
  run: (_input, machine) => upgrader(machine, ['history']),
})

export const rollBack = action({
  name: 'rollback',
  subject: 'upgrade',
  sentence: 'Go back to the release before this one; what products reported since stays',
  input: z.strictObject({}),
  profiles,
  callers: ['console', 'server'],
  confirm: () => 'rollback',
  job: true,
  run: (_input, machine) => upgrader(machine, ['rollback']),
})
