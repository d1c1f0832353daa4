import type { ParseArgsOptionsConfig } from 'node:util'

/** The values of a command line's options, by their names. */
export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>

/** A command line, taken apart. `say` shows a line while the command is still at work. */
export type Call = { values: Values; operands: string[]; say: (line: string) => void }

/** How a command ended: what it came to and what went wrong, for people; all of it as data, for scripts. */
export type Report = { exitCode: number; lines: string[]; complaints?: string[]; data: object }

export type Command = {
  /** The words that call it, such as `renew auth`. */
  words: string
  usage: string
  summary: string
  details?: string
  options?: ParseArgsOptionsConfig
  run(call: Call): Promise<Report>
}

export const exitCodes = { done: 0, refused: 1, usage: 2, tryLater: 75 } as const

/** A command line that cannot be carried out. Its sentence says what to do instead. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** An option's text; undefined where it was not given. */
export const textOf = (values: Values, name: string): string | undefined => {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** An option's number within bounds; undefined where it was not given. Throws UsageError for anything else. */
export function numberOf(values: Values, name: string, least: number, whole = true): number | undefined {
  const text = textOf(values, name)
  if (text === undefined) return undefined
  const number = Number(text)
  if (text.trim() === '' || !(number >= least) || (whole && !Number.isInteger(number))) {
    throw new UsageError(`--${name} must be a ${whole ? 'whole ' : ''}number of at least ${least}, not '${text}'.`)
  }
  return number
}
