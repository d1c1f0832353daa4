import { randomBytes } from 'node:crypto'
import type { Context } from '../../context.ts'
import { Refusal } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import type { Counts } from '../../storage/backup/counts.ts'
import { type Databases, derivedName, withDatabases } from '../../storage/backup/databases.ts'
import { noteBackup } from '../../storage/backups.ts'
import { recordEvent } from '../../storage/events.ts'
import type { KeysChecked } from './checkKeys.ts'
import type { BackupFile } from './header.ts'
import { loadBackup, openBackup } from './openBackup.ts'
import type { Tell } from './progress.ts'

/** What a trial restore has shown. */
export type Verified = { file: BackupFile; counts: Counts; keys: KeysChecked }

/**
 * Restores a backup on trial, into a database beside the live one that is dropped again, and checks all of it. Refuses with what is wrong, which
 * is also written down with the backup.
 */
export async function verifyBackup(
  { storage, clock }: Context,
  who: Person,
  { path, passphrase, tell = () => {} }: { path: string; passphrase: string; tell?: Tell },
): Promise<Verified> {
  const backup = await openBackup(path, passphrase)
  try {
    const loaded = await withDatabases(storage.connection, databases =>
      onTrial(databases, connection => loadBackup(connection, backup, tell)),
    )
    const at = clock.now()
    await storage.transaction(async tx => {
      await noteBackup(tx, backup.name, { verifiedAt: at, message: null })
      await recordEvent(tx, { localAccountId: 0, at, kind: 'backup', message: `The backup ${backup.name} was verified.`, who: who.name })
    })
    return { file: backup, counts: loaded.counts, keys: loaded.keys }
  } catch (error) {
    if (error instanceof Refusal && error.code !== 'CONFLICT') await noteBackup(storage.db, backup.name, { message: error.message })
    throw error
  }
}

/** Works in a database of its own, and drops it with those that were left by killed trials. */
async function onTrial<T>(databases: Databases, work: (connection: string) => Promise<T>): Promise<T> {
  const trials = derivedName(databases.live, 'trial', '')
  for (const left of await databases.beginningWith(trials)) await databases.drop(left)
  const name = trials + randomBytes(6).toString('hex')
  await databases.create(name)
  try {
    return await work(databases.at(name))
  } finally {
    await databases.drop(name)
  }
}
