import { createHash } from 'node:crypto'
import { z } from 'zod'
import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import type { Sink } from '../../storage/backup/load.ts'

/** One thing in a backup. */
export type Entry = { name: string; content: AsyncIterable<Buffer> }

const part = z.object({ name: z.string(), bytes: z.int(), sha256: z.string() })
const manifest = z.object({ parts: z.array(part), counts: z.record(z.string(), z.int()) })
type Part = z.infer<typeof part>

/** What closes a backup: what is in it, and how many rows each table had. */
export type Manifest = z.infer<typeof manifest>

/** A record is a byte that says what it is, its length in four, and that many bytes. */
const kinds = { entry: 1, data: 2, manifest: 3 }
const longestRecord = 16 * 1024 * 1024

function* record(kind: number, bytes: Buffer): Generator<Buffer> {
  const head = Buffer.alloc(5)
  head.writeUInt8(kind)
  head.writeUInt32BE(bytes.length, 1)
  yield head
  yield bytes
}

/** What is inside a backup, in clear: the entries one after the other, and a manifest with what only their end tells. */
export async function* writeContents(entries: Entry[], counts: () => Promise<Manifest['counts']>): AsyncGenerator<Buffer> {
  const parts: Part[] = []
  for (const { name, content } of entries) {
    yield* record(kinds.entry, Buffer.from(name))
    const hash = createHash('sha256')
    let bytes = 0
    for await (const piece of content) {
      hash.update(piece)
      bytes += piece.length
      yield* record(kinds.data, piece)
    }
    parts.push({ name, bytes, sha256: hash.digest('hex') })
  }
  yield* record(kinds.manifest, Buffer.from(JSON.stringify({ parts, counts: await counts() })))
}

/** Takes records apart, however they were cut on their way. */
async function* records(source: AsyncIterable<Buffer>): AsyncGenerator<{ kind: number; bytes: Buffer }> {
  let held: Buffer = Buffer.alloc(0)
  for await (const piece of source) {
    held = held.length === 0 ? piece : Buffer.concat([held, piece])
    while (held.length >= 5) {
      const length = held.readUInt32BE(1)
      if (length > longestRecord) throw malformed()
      if (held.length < 5 + length) break
      yield { kind: held[0]!, bytes: held.subarray(5, 5 + length) }
      held = held.subarray(5 + length)
    }
  }
  if (held.length > 0) throw malformed()
}

const malformed = () => new Refusal('FILE_MALFORMED', 'The backup opens with this passphrase, but what is in it is not understood.', 'file')

/** An entry that is being read, and what is known of it so far. */
class Reading {
  readonly #hash = createHash('sha256')
  readonly #sink: Sink
  readonly #name: string
  #bytes = 0

  constructor(name: string, sink: Sink) {
    this.#name = name
    this.#sink = sink
  }

  async write(piece: Buffer): Promise<void> {
    this.#hash.update(piece)
    this.#bytes += piece.length
    await this.#sink.write(piece)
  }

  async end(): Promise<Part> {
    await this.#sink.end()
    return { name: this.#name, bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  cancel(): void {
    this.#sink.cancel()
  }
}

/** Reads what `writeContents` wrote, each entry into the sink that `take` gives for its name. Refuses what does not agree with the manifest. */
export async function readContents(source: AsyncIterable<Buffer>, take: (name: string) => Sink): Promise<Manifest> {
  const parts: Part[] = []
  let reading: Reading | undefined
  let closing: Manifest | undefined
  try {
    for await (const { kind, bytes } of records(source)) {
      refuseUnless(closing === undefined, 'FILE_MALFORMED', malformed().message, 'file')
      if (kind === kinds.data && reading) {
        await reading.write(bytes)
        continue
      }
      if (reading) parts.push(await reading.end())
      reading = kind === kinds.entry ? new Reading(bytes.toString(), take(bytes.toString())) : undefined
      if (kind === kinds.manifest) closing = readManifest(bytes)
      else if (kind !== kinds.entry) throw malformed()
    }
    if (!closing || JSON.stringify(closing.parts) !== JSON.stringify(parts)) throw malformed()
    return closing
  } catch (error) {
    reading?.cancel()
    throw error
  }
}

function readManifest(bytes: Buffer): Manifest {
  try {
    return manifest.parse(JSON.parse(bytes.toString()))
  } catch {
    throw malformed()
  }
}
