import { existsSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { putFile, syncFolder } from '../../src/files.ts'
import { versionPattern } from '../release/versions.ts'

/** The steps of an upgrade, in their order; a rollback has the last three. */
export const steps = ['prepare', 'backup', 'unpack', 'rehearse', 'migrate', 'switch', 'restart', 'check'] as const
export type Step = (typeof steps)[number]

const version = z.string().regex(versionPattern)
const outcomes = ['done', 'rolled back', 'abandoned', 'failed'] as const

/** What an upgrade, or a rollback, came to. */
const entry = z.object({
  id: z.string(),
  kind: z.enum(['upgrade', 'rollback']),
  from: version,
  to: version,
  startedAt: z.string(),
  endedAt: z.string(),
  outcome: z.enum(outcomes),
  /** Why it did not come to a good end. */
  reason: z.string().nullable(),
  backup: z.string().nullable(),
})
export type Entry = z.infer<typeof entry>

/**
 * What an upgrade is at: written before each step, so that whoever comes after a power cut knows what may have been done. It stands with the releases,
 * where only root writes: whoever could write it could say what root starts next.
 */
const journal = entry.omit({ endedAt: true, outcome: true }).extend({
  archive: z.string().nullable(),
  step: z.enum(steps),
  /** `back`: it failed after the switch, and the former release is being put back. */
  direction: z.enum(['forward', 'back']),
  /** The newest schema that the former release knows: what it could not live with waits. */
  keep: z.int(),
})
export type Journal = z.infer<typeof journal>

const fileIn = (releases: string) => join(releases, 'upgrade.json')
const historyIn = (releases: string) => join(releases, 'upgrades.json')

export function readJournal(releases: string): Journal | undefined {
  const file = fileIn(releases)
  return existsSync(file) ? journal.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
}

export function writeJournal(releases: string, values: Journal): Journal {
  putFile(fileIn(releases), `${JSON.stringify(values, null, 2)}\n`)
  return values
}

/** Everything that was done and that failed, the oldest first. */
export function readHistory(releases: string): Entry[] {
  const file = historyIn(releases)
  return existsSync(file) ? z.array(entry).parse(JSON.parse(readFileSync(file, 'utf8'))) : []
}

/** Writes down what it came to, once, and takes the journal away. */
export function close(
  releases: string,
  { id, kind, from, to, startedAt, backup, reason }: Journal,
  outcome: Entry['outcome'],
  now: Date,
): Entry {
  const ended = { id, kind, from, to, startedAt, endedAt: now.toISOString(), outcome, reason, backup }
  const others = readHistory(releases).filter(each => each.id !== id)
  putFile(historyIn(releases), `${JSON.stringify([...others, ended], null, 2)}\n`)
  rmSync(fileIn(releases), { force: true })
  syncFolder(dirname(fileIn(releases)))
  return ended
}
