import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folders: string[] = []
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that nobody else uses, gone with this process: there may be keys in it. */
export function newFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `quartermaster-${name}-`))
  folders.push(folder)
  return folder
}
