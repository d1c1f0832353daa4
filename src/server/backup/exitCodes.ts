import { Refusal } from '../../rules/refusal.ts'

/** How the program ends, for the programs that start it. */
export const exitCodes = { done: 0, failed: 1, usage: 2, refused: 3, notConfirmed: 4, passphrase: 5, damaged: 6 }

/** What was typed is not understood. */
export class UsageError extends Error {}

export const exitCodeWords = [
  '  0 done · 1 failed · 2 not understood · 3 refused · 4 the server holds something: --replace says that it may be replaced',
  '  5 not the passphrase · 6 the file is damaged, cut short or no backup',
]

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) return exitCodes.usage
  if (!(error instanceof Refusal)) return exitCodes.failed
  if (error.field === 'replace') return exitCodes.notConfirmed
  if (error.field === 'passphrase') return exitCodes.passphrase
  return error.code === 'BAD_SIGNATURE' || error.code === 'FILE_MALFORMED' ? exitCodes.damaged : exitCodes.refused
}
