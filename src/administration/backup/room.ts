import { statfs } from 'node:fs/promises'
import { Refusal } from '../../rules/refusal.ts'

/** What a disk must have left when all is done: a database that finds none stops. */
const reserve = 64e6

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`

/** Refuses, before anything is written, what the disk of `folder` has no room for. */
export async function refuseWithoutRoom(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  if (free >= bytes + reserve) return
  const words = `There is no room for ${what}: it takes about ${megabytes(bytes + reserve)} in ${folder}, and ${megabytes(free)} are free. Delete what is not needed.`
  throw new Refusal('CONFLICT', words)
}
