import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Action, Json } from '../../appliance/actions/action.ts'
import { applianceFolders } from '../../appliance/actions/folders.ts'
import type { Machine, Progress, Ran, RunOptions } from '../../appliance/actions/machine.ts'
import { readInput } from '../../appliance/helper/answer.ts'

/** What an action started, in the order in which it did. */
export type Started = { program: string; args: readonly string[]; options: RunOptions }
type Answering = (started: Started) => Partial<Ran> | undefined

/** A machine that writes down what would be started, and answers as `answering` says; its folders are real, below one that is removed again. */
export type RecordedMachine = Machine & { started: Started[]; told: Progress[]; root: string; remove(): void }

export function recordedMachine(given: Partial<Machine> = {}, answering: Answering = () => undefined): RecordedMachine {
  const root = mkdtempSync(join(tmpdir(), 'quartermaster-appliance-'))
  const folders = applianceFolders(root)
  for (const folder of [folders.settings, folders.backups, folders.patches]) mkdirSync(folder, { recursive: true })
  const started: Started[] = []
  const told: Progress[] = []
  return {
    profile: 'standard',
    folders,
    appliance: true,
    now: () => new Date('2026-11-24T10:00:00Z'),
    tell: progress => void told.push(progress),
    jobs: { list: () => [], attach: async () => null },
    signal: new AbortController().signal,
    run: async (program, args, options = {}) => {
      const call = { program, args, options }
      started.push(call)
      return { code: 0, out: '', err: '', ...answering(call) }
    },
    ...given,
    started,
    told,
    root,
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}

/** Does a deed as the helper would, its input checked by its own schema. */
export const perform = async (machine: Machine, action: Action, input: Record<string, unknown> = {}): Promise<Json> =>
  action.run(readInput(action, input), machine)
