import type { IncomingMessage } from 'node:http'
import { LARGEST_MESSAGE } from '../wire/refusals.ts'
import { openShares } from './shares.ts'

/** Why there is no body to use. */
export type NoBody = 'too large' | 'no room' | 'broken off'

/** Reads a body that a source sends and gives what `use` makes of it. */
export type BodyReader = <Result>(
  request: IncomingMessage,
  source: string,
  use: (body: Buffer) => Promise<Result>,
) => Promise<Result | NoBody>

/** Room for the bodies of all messages under way: many thousands of the usual size, and no more than twenty of the largest. One source alone may hold half of it. */
const [usualRoom, generosity] = [64 * 1024 * 1024, 1]

/** What a piece takes beside its bytes: a body that comes byte by byte is a million objects. */
const piece = 512

/**
 * "Max body 3 145 728 bytes, counted before parsing" (wire-device 5.0): counted while it comes, whatever its length was said to be. All
 * bodies that are being read or used together never take more than `room` bytes.
 */
export function openBodyReader(room = usualRoom): BodyReader {
  const shares = openShares(room, generosity)
  return async (request, source, use) => {
    const chunks: Buffer[] = []
    let [size, held] = [0, 0]
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        size += chunk.length
        if (size > LARGEST_MESSAGE) return 'too large'
        if (!shares.take(source, chunk.length + piece)) return 'no room'
        held += chunk.length + piece
        chunks.push(chunk)
      }
      return await use(Buffer.concat(chunks))
    } catch (error) {
      if (request.complete) throw error
      return 'broken off'
    } finally {
      shares.give(source, held)
    }
  }
}
