import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { putFile } from '../src/files.ts'
import { makeFolder } from '../src/folders.ts'

const most = 500

/** What was typed, the oldest first. No secret is in it: they are never typed in a command. */
export type History = { lines: string[]; add(line: string): void }

/** The history in a file for its owner alone; where there can be none, as on a read-only machine, it lasts as long as the session. */
export function openHistory(file: string | undefined): History {
  const lines = file ? readLines(file) : []
  return {
    lines,
    add(line) {
      if (line.trim() === '' || line === lines.at(-1)) return
      lines.push(line)
      if (lines.length > most) lines.shift()
      if (file) keep(file, lines)
    },
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).slice(-most)
  } catch {
    return []
  }
}

function keep(file: string, lines: string[]): void {
  try {
    makeFolder(dirname(file))
    putFile(file, lines.map(line => `${line}\n`).join(''))
  } catch {
    // A console without a history is still a console.
  }
}
