import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export type WayThrough = Awaited<ReturnType<typeof openWay>>

/**
 * A way to the door on which a test can hold a message: before the server has it, or when the server has answered. What is held never goes on:
 * it is for commands that are killed meanwhile.
 */
export async function openWay(port: number) {
  const bodies: string[] = []
  let holding: { where: string; message: number } | undefined
  let tellHeld = () => {}
  let held = Promise.resolve()
  const isHeld = (where: string) => {
    if (holding?.where !== where || bodies.length < holding.message) return false
    tellHeld()
    return true
  }
  const forward = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request)
    bodies.push(body)
    if (isHeld('before the server')) return
    const headers = { 'Content-Type': request.headers['content-type'] ?? '' }
    const answer = await fetch(`http://127.0.0.1:${port}${request.url}`, { method: 'POST', headers, body })
    const bytes = Buffer.from(await answer.arrayBuffer())
    if (isHeld('after the server')) return
    response.writeHead(answer.status).end(bytes)
  }
  const server = createServer((request, response) => {
    forward(request, response).catch(() => response.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What went by, in its order. */
    bodies,
    /** Holds the `number`th message from now on. */
    hold(where: 'before the server' | 'after the server', number: number) {
      holding = { where, message: bodies.length + number }
      held = new Promise(resolve => {
        tellHeld = resolve
      })
    },
    /** When a message is held. */
    held: () => held,
    letGo() {
      holding = undefined
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
