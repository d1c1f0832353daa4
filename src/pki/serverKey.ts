import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fstatSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { refuseUnless } from '../rules/refusal.ts'

const size = 32

/**
 * Opens the key that encrypts what the database keeps secret: 32 bytes in a file of its own, made on first use.
 * Refuses a file that others may read, or of another size: a wrong key would make every sealed secret unreadable.
 */
export function openServerKey(file: string): KeyObject {
  if (!existsSync(file)) makeServerKey(file)
  const handle = openSync(file, 'r')
  try {
    const { mode, size: bytes } = fstatSync(handle)
    refuseUnless((mode & 0o077) === 0, 'INVALID', `The server key ${file} can be read by others; its mode must be 0600.`, 'serverKey')
    refuseUnless(bytes === size, 'INVALID', `The server key ${file} must hold ${size} bytes, and holds ${bytes}.`, 'serverKey')
    return createSecretKey(readFileSync(handle))
  } finally {
    closeSync(handle)
  }
}

/** The same of a key that came in a backup. */
export function openServerKeyBytes(bytes: Buffer): KeyObject {
  refuseUnless(bytes.length === size, 'INVALID', `The server key must hold ${size} bytes, and holds ${bytes.length}.`, 'serverKey')
  return createSecretKey(bytes)
}

/**
 * The key is whole on the disk before it gets its name, and the name is given only where there is none: neither a power cut nor a second server
 * that starts at the same moment can leave half a key, or two.
 */
function makeServerKey(file: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  const handle = openSync(draft, 'wx', 0o600)
  try {
    writeSync(handle, randomBytes(size))
    fsyncSync(handle)
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    closeSync(handle)
    rmSync(draft)
  }
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
}
