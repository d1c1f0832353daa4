import { appendFileSync, chmodSync, closeSync, mkdirSync, openSync, readdirSync, readSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { z } from 'zod'
import { refuseUnless } from '../../../src/rules/refusal.ts'

const pieceOfFile = z.strictObject({
  path: z.string().max(1000),
  mode: z.number().int(),
  from: z.number().int().min(0),
  content: z.base64(),
})
/** A part of a file of a release, as it goes over the line: from which byte on, in base64. */
export type PieceOfFile = z.infer<typeof pieceOfFile>

const pieceBytes = 512 * 1024

/** Every file of an installed release, piece by piece, so that no file has to be held whole. */
export function* piecesOf(folder: string): Generator<PieceOfFile> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const buffer = Buffer.alloc(pieceBytes)
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name)
    const { mode } = statSync(file)
    const handle = openSync(file, 'r')
    try {
      for (let from = 0, read = pieceBytes; read === pieceBytes; from += read) {
        read = readSync(handle, buffer, 0, pieceBytes, from)
        yield { path: file.slice(folder.length + 1), mode: mode & 0o755, from, content: buffer.toString('base64', 0, read) }
      }
    } finally {
      closeSync(handle)
    }
  }
}

/** Puts a piece where it belongs below `folder`; refuses a path that leads elsewhere, and a piece that does not follow the one before it. */
export function putPiece(folder: string, given: unknown): void {
  const { path, mode, from, content } = pieceOfFile.parse(given)
  const isWithin = normalize(path) === path && !path.startsWith('/') && !path.startsWith('..')
  refuseUnless(isWithin, 'FILE_MALFORMED', 'The release of the other machine names a file outside of it.')
  const file = join(folder, path)
  const bytes = Buffer.from(content, 'base64')
  if (from === 0) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, bytes, { flag: 'wx' })
    chmodSync(file, mode)
    return
  }
  refuseUnless(statSync(file).size === from, 'FILE_MALFORMED', 'The release did not come over whole. Give the command once more.')
  appendFileSync(file, bytes)
}

/** Lets everybody look into the folders of a release, the server's user for one, whatever the umask of who made them. */
export function openFolders(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isDirectory()) chmodSync(join(entry.parentPath, entry.name), 0o755)
}
