import { randomBytes } from 'node:crypto'
import { chownSync, closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Waits until the names in a folder are on the disk: a file that is whole there is of no use without its name. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/**
 * Puts a file in place whole, for its owner alone unless `mode` says otherwise: after a power cut there is the former one or this one, never a part. It belongs to whom its
 * folder belongs to, so that root may lay down what the service reads.
 */
export function putFile(file: string, content: string | Uint8Array, mode = 0o600): void {
  const folder = dirname(file)
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const handle = openSync(draft, 'wx', mode)
  try {
    // Whatever the umask of whoever puts it.
    fchmodSync(handle, mode)
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    for (let written = 0; written < bytes.length; ) written += writeSync(handle, bytes, written)
    fsyncSync(handle)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  } finally {
    closeSync(handle)
  }
  const { uid, gid } = statSync(folder)
  if (process.getuid?.() === 0) chownSync(draft, uid, gid)
  renameSync(draft, file)
  syncFolder(folder)
}
