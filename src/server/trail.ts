import { createWriteStream, renameSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { openBackupsFolder } from '../administration/backup/backupsFolder.ts'
import { exportTrail, nameOfExport } from '../administration/trail/exportTrail.ts'
import { verifyTrail } from '../administration/trail/verifyTrail.ts'
import type { Context } from '../context.ts'
import { syncFolder } from '../files.ts'

/** What `server trail` does, by name; each gives its data. */
export const trailActs: Record<string, (context: Context) => Promise<object>> = { verify: verifyTrail, export: exportToFile }

/** Where backups are, because the console brings files from there to other machines. It has its name when it is whole. */
async function exportToFile(context: Context): Promise<object> {
  const folder = openBackupsFolder(context.config)
  const name = nameOfExport(context.clock.now())
  const draft = join(folder, `${name}.part`)
  await pipeline(Readable.from(exportTrail(context)), createWriteStream(draft, { mode: 0o600, flush: true }))
  renameSync(draft, join(folder, name))
  syncFolder(folder)
  return { file: `backups:${name}` }
}
