import { openStream } from '../../pki/sealedStream.ts'
import type { Counts } from '../../storage/backup/counts.ts'
import type { Sink } from '../../storage/backup/load.ts'
import { readContents } from './contents.ts'
import type { BackupFile } from './header.ts'
import { openBackup } from './openBackup.ts'
import { type Tell, telling } from './progress.ts'

/** What a backup says of itself, once every byte of it is known to be its own. `counts`: the rows of each table when it was taken. */
export type Checked = { file: BackupFile; counts: Counts }

const nowhere = (): Sink => ({ write: async () => {}, end: async () => {}, cancel() {} })

/**
 * Reads a backup to its end and holds every byte against its passphrase and its manifest. It needs no database, writes nothing and takes seconds, so that
 * a restore is refused before anything is stopped for it. Refuses what is no backup, a newer one, a wrong passphrase and a file that was changed,
 * damaged or cut short. Whether its database can be loaded is what `verifyBackup` tries.
 */
export async function checkBackup({
  path,
  passphrase,
  tell = () => {},
}: {
  path: string
  passphrase: string
  tell?: Tell
}): Promise<Checked> {
  const { key, ...file } = await openBackup(path, passphrase)
  const { counts } = await readContents(openStream(telling(file.body(), 'checking the file', tell), key, file.headerBytes), nowhere)
  return { file, counts }
}
