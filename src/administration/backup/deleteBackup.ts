import { rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Context } from '../../context.ts'
import { syncFolder } from '../../files.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { pathOfBackup } from './backupsFolder.ts'
import { readBackupFile } from './header.ts'

/** Deletes a backup from the backups folder. Refuses what is not in it, and what is no backup. */
export async function deleteBackup({ config, storage, clock }: Context, who: Person, given: string): Promise<void> {
  const path = pathOfBackup(config, given)
  refuseUnless(dirname(path) === resolve(config.backupsFolder), 'INVALID', 'Only backups in the backups folder can be deleted.', 'file')
  const { name } = await readBackupFile(path)
  rmSync(path)
  syncFolder(config.backupsFolder)
  await recordEvent(storage.db, {
    localAccountId: 0,
    at: clock.now(),
    kind: 'backup',
    message: `The backup ${name} was deleted.`,
    who: who.name,
  })
}
