import { readFileSync, renameSync, statSync } from 'node:fs'

const largest = 10 * 1024 * 1024

/** How long the log is now: what is written after this belongs to the next start. One that has grown large is put aside, as `.1`, first. */
export function lengthOfLog(file: string): number {
  const length = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (length < largest) return length
  renameSync(file, `${file}.1`)
  return 0
}

/** The last lines that were written since the log was `since` long, for a sentence that says why something did not start. */
export function lastLines(file: string, since: number): string {
  return readFileSync(file).subarray(since).toString('utf8').trim().split('\n').slice(-4).join(' / ')
}
