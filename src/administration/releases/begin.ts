import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { askHelper, type Question } from './askHelper.ts'
import { readReleases } from './readReleases.ts'

/**
 * Has the helper begin what changes the release. One at a time: a second one has been asked for by somebody who did not see the first. The event comes
 * first, because this server may be ended any moment after.
 */
export async function begin({ config, clock, storage }: Context, who: Person, message: string, question: Question): Promise<void> {
  const { running } = await readReleases(config)
  refuseUnless(!running, 'CONFLICT', 'The release is being changed at this moment. Wait until that has come to its end.')
  await recordEvent(storage.db, { localAccountId: 0, at: clock.now(), kind: 'release', message, who: who.name })
  await askHelper(config, question)
}
