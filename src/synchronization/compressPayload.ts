import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createGzip } from 'node:zlib'

/** The gzip bytes of a payload that has one large member, `name`, whose JSON comes in pieces. */
export function compressPayload(members: object, name: string, pieces: AsyncIterable<string>): Promise<Buffer> {
  async function* json() {
    yield `${JSON.stringify(members).slice(0, -1)},${JSON.stringify(name)}:`
    yield* pieces
    yield '}'
  }
  const source = Readable.from(json(), { objectMode: true })
  const gzip = createGzip()
  // A failure of the source must reach whoever waits for the bytes.
  source.on('error', error => gzip.destroy(error))
  return buffer(source.pipe(gzip))
}
