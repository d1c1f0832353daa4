import { randomBytes } from 'node:crypto'
import type { Server } from 'node:https'

/** Gives a TLS server new keys for its session tickets every so often: what was recorded before cannot be opened with the keys of later. */
export function rotateTickets(server: Server, every: number): () => void {
  const rotate = () => server.setTicketKeys(randomBytes(48))
  rotate()
  const timer = setInterval(rotate, every)
  timer.unref()
  return () => clearInterval(timer)
}
