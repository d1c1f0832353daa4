import { Refusal } from '../../src/rules/refusal.ts'

/** One file of an archive. Its content has to be read to its end before the next one is asked for. */
export type Member = { name: string; bytes: number; mode: number; content: AsyncIterable<Buffer> }

const block = 512
const padding = (bytes: number) => Buffer.alloc((block - (bytes % block)) % block)

const malformed = (words: string) => new Refusal('FILE_MALFORMED', `The archive is damaged, or no release: ${words}.`, 'file')

/** POSIX.1-1988 has room for 100 characters of a name and 155 of the folder before it. */
function splitName(path: string): { name: string; prefix: string } {
  if (path.length <= 100) return { name: path, prefix: '' }
  const at = path.indexOf('/', path.length - 101)
  if (at < 0 || at > 155) throw new Error(`"${path}" is too long for a tar archive.`)
  return { name: path.slice(at + 1), prefix: path.slice(0, at) }
}

const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`

const checksumOf = (header: Buffer) => header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0)

/** The header of a plain file, the same on whatever machine and whenever it is written. */
export function tarHeader(path: string, bytes: number, mode: number, seconds: number): Buffer {
  const { name, prefix } = splitName(path)
  const header = Buffer.alloc(block)
  header.write(name, 0)
  header.write(octal(mode, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(bytes, 12), 124)
  header.write(octal(seconds, 12), 136)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write('root', 265)
  header.write('root', 297)
  header.write(prefix, 345)
  header.write(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** Writes plain files as a tar archive. */
export async function* writeTar(members: AsyncIterable<Member> | Iterable<Member>, seconds: number): AsyncGenerator<Buffer> {
  for await (const { name, bytes, mode, content } of members) {
    yield tarHeader(name, bytes, mode, seconds)
    yield* content
    yield padding(bytes)
  }
  yield Buffer.alloc(2 * block)
}

/** Bytes, taken as they are wanted. */
class Pieces {
  readonly #source: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** At most so many bytes; none at the end. */
  async some(most: number): Promise<Buffer> {
    while (this.#held.length === 0) {
      const { value, done } = await this.#source.next()
      if (done) return Buffer.alloc(0)
      this.#held = value
    }
    const taken = this.#held.subarray(0, most)
    this.#held = this.#held.subarray(taken.length)
    return taken
  }

  /** Just so many bytes. */
  async exactly(bytes: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    for (let missing = bytes; missing > 0; ) {
      const piece = await this.some(missing)
      if (piece.length === 0) throw malformed('it is cut short')
      pieces.push(piece)
      missing -= piece.length
    }
    return Buffer.concat(pieces)
  }
}

const textAt = (header: Buffer, from: number, length: number) => {
  const field = header.subarray(from, from + length)
  const end = field.indexOf(0)
  return field.subarray(0, end < 0 ? length : end).toString('latin1')
}

function numberAt(header: Buffer, from: number, length: number): number {
  const text = textAt(header, from, length).trim()
  if (!/^[0-7]{1,11}$/.test(text)) throw malformed('a number in it is none')
  return Number.parseInt(text, 8)
}

/**
 * Reads a tar archive of plain files as it comes. Links, devices, folders and every extension of the format are refused, for a release has none of
 * them; so is what follows the end.
 */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<Member> {
  const pieces = new Pieces(source)
  for (;;) {
    const header = await pieces.exactly(block)
    if (header.every(byte => byte === 0)) break
    if (checksumOf(header) !== numberAt(header, 148, 8) || textAt(header, 257, 6) !== 'ustar') throw malformed('a header in it is none')
    const name = [textAt(header, 345, 155), textAt(header, 0, 100)].filter(Boolean).join('/')
    const kind = String.fromCharCode(header[156]!)
    if (kind !== '0')
      throw new Refusal(
        'FILE_MALFORMED',
        `The archive has "${name}", which is no plain file. A release has no links, devices or folders.`,
        'file',
      )
    const bytes = numberAt(header, 124, 12)
    let left = bytes
    yield {
      name,
      bytes,
      mode: numberAt(header, 100, 8),
      content: (async function* () {
        while (left > 0) {
          const piece = await pieces.some(left)
          if (piece.length === 0) throw malformed('it is cut short')
          left -= piece.length
          yield piece
        }
      })(),
    }
    if (left > 0) throw new Error(`${name} was not read to its end.`)
    if ((await pieces.exactly(padding(bytes).length)).some(byte => byte !== 0)) throw malformed('there is something between its files')
  }
  if ((await pieces.exactly(block)).some(byte => byte !== 0) || (await pieces.some(1)).length > 0)
    throw malformed('something follows its end')
}
