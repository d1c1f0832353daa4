import { randomBytes } from 'node:crypto'
import { createWriteStream, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Context } from '../../context.ts'
import { syncFolder } from '../../files.ts'
import { hour } from '../../rules/clock.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { refuseWithoutRoom } from '../backup/room.ts'
import { checkRelease } from './checkRelease.ts'
import { patchesFolder } from './patchesFolder.ts'

/** More than any release has. */
export const largestRelease = 4 * 1024 ** 3
const incoming = 'incoming-'

/** A file as it comes; `announced`: how many bytes its sender says there are. */
export type Incoming = { content: Readable; announced: number }

/**
 * Takes in a release as it comes, straight to the disk, and has it checked; gives its name, which is made from the version that was signed. What is
 * refused, or broke off, is gone from the disk again. Nothing of it is unpacked.
 */
export async function keepRelease(context: Context, who: Person, { content, announced }: Incoming): Promise<string> {
  const { config } = context
  const folder = patchesFolder(config)
  forgetBrokenOff(folder, context.clock.now())
  await refuseWithoutRoom(folder, announced, 'this release')
  const draft = `${incoming}${randomBytes(8).toString('hex')}.qmr`
  try {
    await write(join(folder, draft), content)
    const { version, signedBy } = await checkRelease(config, draft)
    const name = `quartermaster-${version}.qmr`
    renameSync(join(folder, draft), join(folder, name))
    syncFolder(folder)
    const message = `Release ${version} was uploaded. It is signed by ${signedBy}.`
    await recordEvent(context.storage.db, { localAccountId: 0, at: context.clock.now(), kind: 'release', message, who: who.name })
    return name
  } finally {
    rmSync(join(folder, draft), { force: true })
  }
}

async function write(file: string, content: Readable): Promise<void> {
  let bytes = 0
  try {
    await pipeline(
      content,
      async function* (pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          bytes += piece.length
          refuseUnless(bytes <= largestRelease, 'FILE_TOO_LARGE', 'The file is larger than any release may be.', 'file')
          yield piece
        }
      },
      createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }),
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    throw new Refusal('CONFLICT', 'The disk is full, and nothing of the release was kept. Delete what is not needed.', 'file')
  }
  refuseUnless(bytes > 0, 'INVALID', 'Choose the file of a release, which ends with .qmr.', 'file')
}

/** What a power cut left. Nobody takes an hour from one piece to the next. */
function forgetBrokenOff(folder: string, now: Date): void {
  for (const name of readdirSync(folder).filter(name => name.startsWith(incoming))) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false })
    if (found && now.getTime() - found.mtimeMs > hour) rmSync(join(folder, name), { force: true })
  }
}
