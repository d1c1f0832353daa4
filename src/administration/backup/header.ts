import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { passphraseLock } from '../../pki/passphraseLock.ts'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'

const magic = 'quartermaster-backup'
const format = 1
/** More than any header has. */
const longest = 64 * 1024

/** What stands in front of a backup, readable without its passphrase; the passphrase's key opens the rest behind these very bytes alone. */
const header = z.object({
  createdAt: z.iso.datetime().transform(text => new Date(text)),
  /** The release that wrote it, and the schema of its database. */
  release: z.string().max(50),
  schema: z.int().min(1),
  postgres: z.int(),
  serverUuid: z.uuid(),
  host: z.string().max(253),
  /** Retention takes away what the schedule made, and nothing else. */
  origin: z.enum(['person', 'schedule']),
  lock: passphraseLock,
})
export type Header = z.infer<typeof header>

/** The first lines of a file: what it is, and the header. */
export const writeHeader = (values: Header): Buffer =>
  Buffer.from(`${magic} ${format}\n${JSON.stringify({ ...values, createdAt: values.createdAt.toISOString() })}\n`)

/** A backup, as far as it can be told without its passphrase. */
export type BackupFile = { path: string; name: string; bytes: number; header: Header; headerBytes: Buffer; body(): AsyncIterable<Buffer> }

const noBackup = (name: string) => new Refusal('FILE_MALFORMED', `${name} is not a backup of this kind of server.`, 'file')

function parse(start: Buffer, name: string): { header: Header; headerBytes: Buffer } {
  const first = start.indexOf('\n')
  const second = start.indexOf('\n', first + 1)
  const [, version] = new RegExp(`^${magic} (\\d{1,6})$`).exec(start.subarray(0, Math.max(first, 0)).toString()) ?? []
  if (!version) throw noBackup(name)
  refuseUnless(
    Number(version) === format,
    'UNSUPPORTED_VERSION',
    `${name} has format ${version}, and this release reads format ${format}.`,
    'file',
  )
  try {
    refuseUnless(second > 0, 'FILE_MALFORMED', '')
    return {
      header: header.parse(JSON.parse(start.subarray(first + 1, second).toString())),
      headerBytes: start.subarray(0, second + 1),
    }
  } catch {
    throw new Refusal('FILE_MALFORMED', `${name} is a backup whose header is damaged.`, 'file')
  }
}

/** Reads the header of a file. Refuses what is no backup, or one of a format that this release does not know. */
export async function readBackupFile(path: string): Promise<BackupFile> {
  const name = basename(path)
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw new Refusal('NOT_FOUND', `The backup ${path} cannot be read (${error.code}).`, 'file')
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw noBackup(name)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(longest), 0, longest, 0)
    const read = parse(buffer.subarray(0, bytesRead), name)
    const start = read.headerBytes.length
    return { path, name, bytes: stat.size, ...read, body: () => createReadStream(path, { start, highWaterMark: 256 * 1024 }) }
  } finally {
    await handle.close()
  }
}
