import { request } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TLSSocket } from 'node:tls'
import { codeOf, type Peer, type Target, WayFault } from './wayFault.ts'

/** An answer over HTTPS, whole. */
export type HttpAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }

/** A request over HTTPS: a body makes it a POST. Milliseconds: `silence` without a byte, `deadline` for the whole. `sent` hears how many bytes have gone. */
export type HttpRequest = {
  url: URL
  headers: Record<string, string>
  body?: string
  peer?: Target
  limits: { bytes: number; silence: number; deadline: number }
  sent?: (bytes: number, of: number) => void
}

/**
 * Sends a request over a connection that is open, gives the answer and ends the connection. Follows no redirection: what is sent begins with a
 * secret. Throws WayFault when no answer comes in time, when it is longer than allowed (counted while it comes), or when the connection fails.
 */
export function send(
  connection: TLSSocket,
  { url, headers, body, limits, peer: kind = 'cloud', sent: tell }: HttpRequest,
): Promise<HttpAnswer> {
  const peer: Peer = { kind, host: url.hostname }
  const fault = (error: unknown) => (error instanceof WayFault ? error : new WayFault('answer', peer, codeOf(error), { cause: error }))
  const late = () => new WayFault('answer', peer, 'ETIMEDOUT')
  return new Promise((resolve, reject) => {
    const bytes = Buffer.from(body ?? '')
    const length = body === undefined ? {} : { 'Content-Length': String(bytes.length) }
    const options = { method: body === undefined ? 'GET' : 'POST', headers: { ...headers, ...length } }
    const sent = request(url, { ...options, createConnection: () => connection }, async response => {
      try {
        const answer = await readAll(response, limits.bytes, peer)
        resolve({ status: response.statusCode!, headers: response.headers, body: answer })
      } catch (error) {
        reject(fault(error))
      } finally {
        clearTimeout(deadline)
        sent.destroy()
      }
    })
    const deadline = setTimeout(() => sent.destroy(late()), limits.deadline)
    connection.setTimeout(limits.silence, () => sent.destroy(late()))
    sent.on('error', error => {
      clearTimeout(deadline)
      connection.destroy()
      reject(fault(error))
    })
    pipeline(Readable.from(slicesOf(bytes, tell)), sent).catch(() => undefined)
  })
}

const slice = 256 * 1024

/** A large body goes a part at a time: the next one is asked for when the connection has room for it. */
function* slicesOf(bytes: Buffer, tell?: HttpRequest['sent']): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += slice) {
    tell?.(from, bytes.length)
    yield bytes.subarray(from, from + slice)
  }
}

async function readAll(response: AsyncIterable<Buffer>, most: number, peer: Peer): Promise<Buffer> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of response) {
    length += piece.length
    if (length > most) throw new WayFault('answer', peer, 'TOO_LARGE')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
