import { chownSync, renameSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** `<kind>-<host>-<UTC time>`, to the millisecond, so that no two have one name. */
export function reportName(kind: string, at: Date): string {
  const host = hostname()
    .split('.')[0]!
    .replace(/[^A-Za-z\d-]/g, '')
  return `${kind}-${host}-${at.toISOString().replace(/[-:.]/g, '')}`
}

/** Gives a file that root wrote to whom its folder belongs to, and then its name: it is there whole, or not at all. */
export function handOver(draft: string, folder: string, name: string): { file: string; bytes: number } {
  const { uid, gid } = statSync(folder)
  if (process.getuid?.() === 0) chownSync(draft, uid, gid)
  renameSync(draft, join(folder, name))
  return { file: `backups:${name}`, bytes: statSync(join(folder, name)).size }
}
