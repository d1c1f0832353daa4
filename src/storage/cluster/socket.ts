import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'

/** A socket's address has 108 bytes, the last of which is 0. */
const longest = 107

/**
 * The folder of the cluster's socket, as a client may name it until `letGo()`. A path too long for a socket is shortened by holding the
 * folder open: it needs no second folder that others could get at, and is good for this process and for the programs it starts.
 */
export function socketFolder(folder: string): { name: string; letGo(): void } {
  if (Buffer.byteLength(join(folder, '.s.PGSQL.5432')) <= longest) return { name: folder, letGo() {} }
  const held = openSync(folder, 'r')
  return { name: `/proc/${process.pid}/fd/${held}`, letGo: () => closeSync(held) }
}
