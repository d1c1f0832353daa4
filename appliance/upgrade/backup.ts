import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { putFile } from '../../src/files.ts'
import type { Ground } from './ground.ts'
import { lastLine, succeed } from './programs.ts'

/** The passphrase of the backups that upgrades take: root's, beside the releases. */
const passphraseIn = (releases: string) => join(releases, 'upgrade-backups.passphrase')

/**
 * Takes a backup by the release that is running. Its passphrase is made once and stays on this machine: such a backup is for going back on it, and who
 * has the machine as root has what is in the backup anyway. Gives the name of the file.
 */
export async function backUp(ground: Ground, version: string): Promise<string> {
  const file = passphraseIn(ground.releases)
  if (!existsSync(file)) putFile(file, `${randomBytes(24).toString('base64url')}\n`)
  const onLine = (line: string) => {
    const { progress } = line.startsWith('{') ? JSON.parse(line) : { progress: undefined }
    if (progress?.bytes) ground.tell({ step: 'backup', done: progress.bytes })
  }
  const out = await succeed(ground, version, ['src/server/backup.ts', 'create', '--json'], 'The backup before the upgrade failed', {
    input: readFileSync(file, 'utf8'),
    onLine: (line, from) => from === 'out' && onLine(line),
  })
  return JSON.parse(lastLine(out)).result.name
}
