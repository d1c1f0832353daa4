import { X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { clusterName, nothingYet, parsed, type Registers, readValue, type Value } from './register.ts'

/** What the witness shows and whom it lets in, in PEM. `clusters`: by name of the pair, the authority that its nodes' certificates come from. */
export type Credentials = { key: string; cert: string; clusters: ReadonlyMap<string, string> }

/** What is answered: what the register holds, or a sentence. */
type Reply = { status: number; body: Value | { sentence: string } }

const refusal = (status: number, sentence: string): Reply => ({ status, body: { sentence } })

const largest = 1024
const path = /^\/registers\/([^/?]+)$/

/**
 * The witness's door: `GET /registers/{cluster}` gives what it holds, `POST` swaps it: 200 who won, 409 with what it holds who did not. Mutual TLS 1.3; a
 * node reaches the register of its own pair alone, known by the authority that issued its certificate. Refuses everything else in a sentence.
 */
export function witnessServer(registers: Registers, { key, cert, clusters }: Credentials, log: (line: object) => void): Server {
  const authorities = new Map([...clusters].map(([name, pem]) => [name, new X509Certificate(pem)]))
  const tls = { key, cert, ca: [...clusters.values()], minVersion: 'TLSv1.3' as const, requestCert: true, rejectUnauthorized: true }
  const limits = {
    headersTimeout: 5000,
    requestTimeout: 5000,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: 1000,
    maxHeaderSize: 4096,
  }
  const server = createServer({ ...tls, ...limits, handshakeTimeout: 5000 }, async (request, response) => {
    const { status, body } = await answer(request).catch(error => {
      log({ at: new Date(), fault: (error as Error).message })
      return refusal(500, 'The witness cannot read or keep this register. Its log tells why.')
    })
    send(response, status, body)
  })
  server.maxConnections = 64

  async function answer(request: IncomingMessage): Promise<Reply> {
    const cluster = path.exec(request.url ?? '')?.[1] ?? ''
    const authority = clusterName.test(cluster) ? authorities.get(cluster) : undefined
    if (!authority || !issued(authority, request.socket as TLSSocket)) return refusal(403, 'This certificate is of no node of this pair.')
    if (request.method === 'GET') return { status: 200, body: registers.read(cluster) }
    if (request.method !== 'POST') return refusal(405, 'Ask with GET, or swap with POST.')
    const wish = readSwap(await bodyOf(request))
    if (!wish)
      return refusal(400, 'Send {"expected": {"epoch", "owner"}, "next": {"epoch", "owner"}}, the next epoch above the expected one.')
    const { won, value } = registers.swap(cluster, wish.expected, wish.next)
    log({ at: new Date(), cluster, ...wish, won, value })
    return { status: won ? 200 : 409, body: value }
  }
  return server
}

const issued = (authority: X509Certificate, socket: TLSSocket) => {
  const shown = socket.getPeerX509Certificate()
  return shown?.checkIssued(authority) && shown.verify(authority.publicKey)
}

/** The text of a body; empty, which no reader takes, when it is too large. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length <= largest) parts.push(part)
  }
  return length > largest ? '' : Buffer.concat(parts).toString()
}

function readSwap(text: string): { expected: Value; next: Value } | undefined {
  const given = parsed(text)
  if (typeof given !== 'object' || given === null || Object.keys(given).sort().join() !== 'expected,next') return undefined
  const { expected, next } = given as Record<'expected' | 'next', unknown>
  const [before, after] = [readValue(expected), readValue(next)]
  return before && after && after !== nothingYet && after.epoch > before.epoch ? { expected: before, next: after } : undefined
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }).end(text)
}
