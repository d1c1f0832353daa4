import { readFileSync } from 'node:fs'

/** The end of a log, for a sentence that says why something did not start. */
export function lastLines(file: string, count = 4): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join(' / ')
}
