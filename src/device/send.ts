import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpReply } from './transports.ts'

/** So long a body that nobody reads may go on coming. */
const patience = 2000

/**
 * Sends a reply. When the rest of the request is still on its way it is let go by for a moment: a connection that ends with bytes unread is
 * reset, and the reset would overtake the reply.
 */
export function send(request: IncomingMessage, response: ServerResponse, { status, type, headers, body = '' }: HttpReply): void {
  const isWhole = request.complete
  response.writeHead(status, {
    ...(type && { 'Content-Type': type }),
    'Content-Length': Buffer.byteLength(body),
    ...headers,
    ...(!isWhole && { Connection: 'close' }),
  })
  if (isWhole) return void response.end(body)
  const timer = setTimeout(() => response.end(), patience)
  request.once('close', () => clearTimeout(timer)).once('end', () => response.end())
  response.write(body)
  request.resume()
}
