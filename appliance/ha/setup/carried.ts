import { chownSync, existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { putFile } from '../../../src/files.ts'
import { refuseUnless } from '../../../src/rules/refusal.ts'
import type { Folders } from '../../actions/machine.ts'
import { ownedFolder } from './files.ts'
import type { HandedOut } from './handedOut.ts'

/** The settings that name a file on which trust rests. Certificates and keys of TLS are in the database, sealed by the server key. */
const settingsOfFiles = ['QUARTERMASTER_SERVER_KEY', 'QUARTERMASTER_LICENSING_ROOT', 'QUARTERMASTER_CLOUD_CA']

export const settingsFile = ({ settings }: Folders) => join(settings, 'settings.env')

/** Whether a file is one of ours: below the settings or what is kept, by a path without detours. */
const isOurs = ({ settings, data }: Folders, path: string) =>
  normalize(path) === path && (path.startsWith(`${settings}/`) || path.startsWith(`${data}/`))

/**
 * "Files outside PG (CA keys, TLS certs, config, …)": what both machines of a pair have alike beside the database. Refuses settings that name a file
 * elsewhere, which would not be there on the other machine.
 */
export function carriedFiles(folders: Folders): Pick<HandedOut, 'settings' | 'files'> {
  const settings = readFileSync(settingsFile(folders), 'utf8')
  const paths = settings.split('\n').flatMap(line => {
    const [name, value = ''] = line.split(/=(.*)/s)
    return settingsOfFiles.includes(name!.trim()) && value.trim() ? [value.trim()] : []
  })
  const files = paths.filter(existsSync).map(path => {
    refuseUnless(
      isOurs(folders, path),
      'CONFLICT',
      `The settings name ${path}, which is outside the folders of the server: move it to ${folders.settings}.`,
    )
    return { path, mode: statSync(path).mode & 0o777, content: readFileSync(path).toString('base64') }
  })
  return { settings, files }
}

/** Puts them in the place of what this machine had. Each belongs to whom the former one, or its folder, belongs to. */
export function putCarried(folders: Folders, { settings, files }: Pick<HandedOut, 'settings' | 'files'>): void {
  for (const { path, mode, content } of files) {
    refuseUnless(isOurs(folders, path), 'FILE_MALFORMED', `The other machine names ${path}, which is outside the folders of the server.`)
    ownedFolder(dirname(path))
    putFile(path, Buffer.from(content, 'base64'), mode)
  }
  const file = settingsFile(folders)
  const { uid, gid, mode } = statSync(file)
  putFile(file, settings, mode & 0o777)
  if (process.getuid?.() === 0) chownSync(file, uid, gid)
}
