import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { Refusal } from '../rules/refusal.ts'

/** So much is read before it is authenticated and given on. */
const chunkLength = 64 * 1024
const tagLength = 16
const algorithm = 'aes-256-gcm'

/**
 * STREAM (Hoang, Reyhanitabar, Rogaway, Vizár), as age has it: every chunk is sealed under its number and whether it is the last. So chunks that
 * were changed, left out, put elsewhere or cut off do not open, and nothing is given on that did not.
 */
function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUIntBE(index, 5, 6)
  nonce[11] = last ? 1 : 0
  return nonce
}

/** The key of one stream. `bound` is what it belongs to, such as the header before it: the stream opens behind the same bytes alone. */
const keyOf = (key: Uint8Array, bound: Uint8Array) => Buffer.from(hkdfSync('sha256', key, bound, 'quartermaster 1 stream', 32))

/** Cuts into pieces of `size`. The last one is known to be last, which takes holding it back until nothing follows. */
async function* inPieces(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<{ piece: Buffer; last: boolean }> {
  let held: Uint8Array[] = []
  let length = 0
  for await (const bytes of source) {
    held.push(bytes)
    length += bytes.length
    if (length <= size) continue
    const all = Buffer.concat(held, length)
    let from = 0
    for (; all.length - from > size; from += size) yield { piece: all.subarray(from, from + size), last: false }
    held = [all.subarray(from)]
    length = all.length - from
  }
  yield { piece: Buffer.concat(held, length), last: true }
}

/** Encrypts and authenticates what comes, chunk by chunk. A key seals one stream. */
export async function* sealStream(source: AsyncIterable<Uint8Array>, key: Uint8Array, bound: Uint8Array): AsyncGenerator<Buffer> {
  const streamKey = keyOf(key, bound)
  let index = 0
  for await (const { piece, last } of inPieces(source, chunkLength)) {
    const cipher = createCipheriv(algorithm, streamKey, nonceOf(index++, last))
    yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()])
  }
}

function openChunk(key: Buffer, index: number, last: boolean, piece: Buffer): Buffer | undefined {
  if (piece.length < tagLength) return undefined
  const decipher = createDecipheriv(algorithm, key, nonceOf(index, last), { authTagLength: tagLength }).setAuthTag(
    piece.subarray(-tagLength),
  )
  try {
    return Buffer.concat([decipher.update(piece.subarray(0, -tagLength)), decipher.final()])
  } catch {
    return undefined
  }
}

/** Opens what `sealStream` sealed. Refuses, before it gives on anything of it, what was changed or cut short. */
export async function* openStream(source: AsyncIterable<Uint8Array>, key: Uint8Array, bound: Uint8Array): AsyncGenerator<Buffer> {
  const streamKey = keyOf(key, bound)
  let index = 0
  for await (const { piece, last } of inPieces(source, chunkLength + tagLength)) {
    const plain = openChunk(streamKey, index, last, piece)
    if (!plain) throw refusal(last && (piece.length < tagLength || openChunk(streamKey, index, false, piece) !== undefined))
    yield plain
    index++
  }
}

const refusal = (isCut: boolean) =>
  new Refusal(
    'BAD_SIGNATURE',
    isCut ? 'The file was cut short: its end is missing.' : 'The file was changed, damaged or cut short since it was written.',
  )
