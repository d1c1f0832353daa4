import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { begin } from './begin.ts'
import { readReleases } from './readReleases.ts'

/** The word that has to be typed before the former release is put back. */
export const rollbackWord = 'rollback'

/** Begins to put the former release back, once its word was typed, and gives its version. Refuses where none is kept. */
export async function beginRollback(context: Context, who: Person, typed: string): Promise<string> {
  refuseUnless(typed.trim() === rollbackWord, 'INVALID', `Type "${rollbackWord}" to confirm it.`, 'confirmation')
  const { former } = await readReleases(context.config)
  refuseUnless(former, 'CONFLICT', 'No former release is kept on this machine.')
  await begin(context, who, `A rollback to release ${former} was begun.`, { action: 'rollback', confirmation: rollbackWord })
  return former
}
