import type { IncomingMessage, Server } from 'node:http'

/** How much a body must bring from one look to the next, so that its sender is waited for. */
export type Pace = { bytesPerSecond: number; lookEvery: number }

/** A form is over within a minute or so; a file takes as long as the slowest line of a site needs. */
const usual: Pace = { bytesPerSecond: 4096, lookEvery: 30_000 }

/**
 * Ends the connections whose request does not come on, instead of giving every request the same time: a large file over a slow line may take an
 * hour, and somebody who drips a byte a minute holds nothing. `lookEvery` is milliseconds. Gives what ends the looking.
 */
export function endSlowBodies(server: Server, { bytesPerSecond, lookEvery }: Pace = usual): () => void {
  // How far each was at the last look; nothing where it had no whole turn yet to come on.
  const coming = new Map<IncomingMessage, number | undefined>()
  server.on('request', request => {
    if (request.complete) return
    coming.set(request, undefined)
    request.once('close', () => coming.delete(request))
  })
  const least = (bytesPerSecond * lookEvery) / 1000
  const timer = setInterval(() => {
    for (const [request, before] of coming) {
      const now = request.socket.bytesRead
      if (request.complete) coming.delete(request)
      else if (isHeldUpByUs(request)) coming.set(request, undefined)
      else if (before === undefined || now - before >= least) coming.set(request, now)
      else request.socket.destroy()
    }
  }, lookEvery)
  timer.unref()
  return () => clearInterval(timer)
}

/** What came is not read yet, and so nothing more is asked for. */
const isHeldUpByUs = (request: IncomingMessage) => request.readableLength >= request.readableHighWaterMark
