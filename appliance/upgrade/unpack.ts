import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { syncFolder } from '../../src/files.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { readRelease } from '../release/readRelease.ts'
import type { Ground } from './ground.ts'
import { folderOf, incomingFor } from './installed.ts'

/** Told every so many files. */
const every = 250

/**
 * Unpacks a release beside the others. All of it is checked again as it is written, for the file may have become another one since; it gets its name
 * when it is whole and on the disk.
 */
export async function unpackRelease(ground: Ground, archive: string, version: string, believed: readonly string[]): Promise<void> {
  const [incoming, place] = [incomingFor(ground.releases, version), folderOf(ground.releases, version)]
  for (const folder of [incoming, place]) rmSync(folder, { recursive: true, force: true })
  const made = new Set<string>()
  const makeFolderOf = (path: string) => {
    const folder = dirname(path)
    if (made.has(folder)) return
    mkdirSync(folder, { recursive: true, mode: 0o755 })
    made.add(folder)
  }
  let count = 0
  let of = 0
  await readRelease(archive, believed, {
    async begin({ manifest }) {
      refuseUnless(manifest.version === version, 'CONFLICT', 'The file is not the one that was checked. Begin again.', 'file')
      mkdirSync(incoming, { mode: 0o755 })
      of = manifest.files.length
    },
    async file({ path, mode }, content) {
      const target = join(incoming, path)
      makeFolderOf(target)
      await pipeline(Readable.from(content, { objectMode: false }), createWriteStream(target, { flags: 'wx', mode }))
      if (++count % every === 0 || count === of) ground.tell({ step: 'unpack', done: count, of })
    },
  })
  if (existsSync('/usr/bin/sync')) await ground.run('/usr/bin/sync', ['-f', '--', incoming], { timeout: 600_000 })
  renameSync(incoming, place)
  syncFolder(dirname(place))
}
