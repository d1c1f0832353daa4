import type { IncomingMessage } from 'node:http'
import { LARGEST_MESSAGE } from '../wire/refusals.ts'

/** Why there is no body to use. */
export type NoBody = 'too large' | 'no room' | 'broken off'

/** Reads a body and gives what `use` makes of it. */
export type BodyReader = <Result>(request: IncomingMessage, use: (body: Buffer) => Promise<Result>) => Promise<Result | NoBody>

/** Room for the bodies of all messages under way: many thousands of the usual size, and no more than thirty of the largest. */
const usualRoom = 96 * 1024 * 1024

/**
 * "Max body 3 145 728 bytes, counted before parsing" (wire-device 5.0): counted while it comes, whatever its length was said to be. All
 * bodies that are being read or used together never hold more than `room` bytes.
 */
export function openBodyReader(room = usualRoom): BodyReader {
  let held = 0
  return async (request, use) => {
    const chunks: Buffer[] = []
    let size = 0
    try {
      for await (const chunk of request.iterator({ destroyOnReturn: false })) {
        chunks.push(chunk)
        size += chunk.length
        held += chunk.length
        if (size > LARGEST_MESSAGE) return 'too large'
        if (held > room) return 'no room'
      }
      return await use(Buffer.concat(chunks))
    } catch (error) {
      if (request.complete) throw error
      return 'broken off'
    } finally {
      held -= size
    }
  }
}
