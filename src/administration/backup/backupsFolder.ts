import { readdirSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type { Config } from '../../config.ts'
import { makeFolder } from '../../folders.ts'
import { Refusal } from '../../rules/refusal.ts'
import { type BackupFile, readBackupFile } from './header.ts'

const ending = '.qmb'
/** What is being written; it gets its name when it is whole. */
export const draftEnding = '.part'

const pattern = /^[A-Za-z\d][A-Za-z\d.-]{0,200}\.qmb$/

/** Whether it is a plain name, as backups have it. */
export const isBackupName = (name: string): boolean => pattern.test(name)

/** `onprem-<host>-<release>-<UTC time>.qmb`, to the millisecond, so that no two have one name. */
export function nameOfBackup(release: string, at: Date): string {
  const host =
    hostname()
      .split('.')[0]!
      .replace(/[^A-Za-z\d-]/g, '') || 'server'
  return `onprem-${host}-${release}-${at.toISOString().replace(/[-:.]/g, '')}${ending}`
}

/** The folder, made if it must be. */
export function openBackupsFolder({ backupsFolder }: Pick<Config, 'backupsFolder'>): string {
  makeFolder(backupsFolder)
  return backupsFolder
}

/** Where a file is that somebody names: `backups:NAME` and a mere name stand in the backups folder, everything else is a path. */
export function pathOfBackup({ backupsFolder }: Pick<Config, 'backupsFolder'>, given: string): string {
  const name = given.replace(/^backups:/, '')
  if (pattern.test(name)) return join(backupsFolder, name)
  if (given.startsWith('backups:')) throw new Refusal('INVALID', `"${name}" is not the name of a backup.`, 'file')
  return resolve(given)
}

/** Removes what killed servers left half-written. Whoever does holds the lock of backups. */
export function removeDrafts(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith(ending + draftEnding)) rmSync(join(folder, name))
}

/** The backups in the folder, the newest first, as far as they can be told without a passphrase; and the names of those that cannot be read. */
export async function listBackupFiles(config: Pick<Config, 'backupsFolder'>): Promise<{ files: BackupFile[]; unreadable: string[] }> {
  const [files, unreadable]: [BackupFile[], string[]] = [[], []]
  const names = readdirSync(openBackupsFolder(config)).filter(name => pattern.test(name))
  for (const name of names.sort()) {
    try {
      files.push(await readBackupFile(join(config.backupsFolder, name)))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      unreadable.push(name)
    }
  }
  return { files: files.sort((a, b) => b.header.createdAt.getTime() - a.header.createdAt.getTime()), unreadable }
}
