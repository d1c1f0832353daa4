import type { Socket } from 'node:net'
import { openShares } from './shares.ts'
import { sourceOf } from './source.ts'

/** Of so many connections, on all listeners together, one source alone may hold two thirds: a fleet of thousands behind one address, all at once. */
const [mostConnections, generosity] = [4096, 2]

/**
 * Lets connections in as long as there is room for their source, from before their TLS handshake on. One that is refused ends without a word: it
 * has cost nothing yet, and shall not. Says whether it was let in.
 */
export function openGate(most = mostConnections): (socket: Socket) => boolean {
  const shares = openShares(most, generosity)
  return socket => {
    const source = sourceOf(socket.remoteAddress)
    if (!shares.take(source)) {
      socket.destroy()
      return false
    }
    socket.once('close', () => shares.give(source))
    return true
  }
}
