import type { DirectorySettings } from '../rules/directory.ts'
import type { Db } from './db.ts'
import { findSetting, putSetting } from './settings.ts'

const name = 'directory'

/** A directory as it is kept; the password of the bind account is sealed. */
export type StoredDirectory = { settings: DirectorySettings; sealedPassword: Buffer | null }

/** The directory in which people are looked up; undefined where there is none. */
export async function findDirectory(db: Db): Promise<StoredDirectory | undefined> {
  const setting = await findSetting(db, name)
  return setting?.value ? { settings: setting.value as DirectorySettings, sealedPassword: setting.secret } : undefined
}

/** Puts a directory, or none, in the place of the one before. */
export const putDirectory = (db: Db, stored: StoredDirectory | null, by: { at: Date; who: string }): Promise<void> =>
  putSetting(db, {
    name,
    value: stored?.settings ?? null,
    secret: stored?.sealedPassword ?? null,
    changedAt: by.at,
    changedBy: by.who,
  })
