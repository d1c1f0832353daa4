import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { patchesFolder } from './patchesFolder.ts'
import { listWaiting } from './readReleases.ts'

/** Deletes a release that waits. What is installed stays as it is. */
export async function deleteRelease({ config, clock, storage }: Context, who: Person, name: string): Promise<void> {
  const waits = listWaiting(config).some(each => each.name === name)
  refuseUnless(waits, 'NOT_FOUND', 'This release does not wait here any more.')
  rmSync(join(patchesFolder(config), name), { force: true })
  const message = `The uploaded release ${name} was deleted.`
  await recordEvent(storage.db, { localAccountId: 0, at: clock.now(), kind: 'release', message, who: who.name })
}
