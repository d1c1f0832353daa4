import { Agent as PlainAgent, request as plainly } from 'node:http'
import { Agent, request as securely } from 'node:https'
import type { Surroundings } from '../support/product.ts'

/** One message that was answered: how the answer begins, and how long it took. */
export type Passage = { outcome: string; retryAfter: number; milliseconds: number }

/** How a crowd sends: over which transport, each on a connection of its own or on kept ones, and from which local address. */
export type Manner = { secure: boolean; kept: number | undefined; from?: string }

/** Gives what posts a message. An outcome is the status on the wire, or that of HTTP where that is not 200, or the name of what broke. */
export function openCrowd(around: Surroundings, { secure, kept, from }: Manner) {
  const options = { keepAlive: kept !== undefined, maxSockets: kept ?? Number.POSITIVE_INFINITY, maxCachedSessions: 0 }
  const agent = secure ? new Agent({ ...options, ca: around.tlsRoot }) : new PlainAgent(options)
  const [post, port] = secure ? [securely, around.httpsPort] : [plainly, around.httpPort]
  // The name is the one in the certificate; the address is of the family of `from`.
  const target = {
    host: '127.0.0.1',
    servername: 'localhost',
    port,
    path: '/SmartTransport',
    method: 'POST',
    agent,
    ...(from && { localAddress: from }),
  }

  const send = (message: string): Promise<Passage> =>
    new Promise(resolve => {
      let left = performance.now()
      const end = (outcome: string, retryAfter = 0) => resolve({ outcome, retryAfter, milliseconds: performance.now() - left })
      const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(message) }
      post({ ...target, headers }, async response => {
        const body = (await response.toArray()).join('')
        if (response.statusCode !== 200) return end(`HTTP ${response.statusCode}`)
        const { status, message_code, retry_after } = JSON.parse(JSON.parse(body).response)
        end(message_code ?? status, retry_after ?? 0)
      })
        // On a kept connection it may have waited for the one before it, which is not the server's doing.
        .on('finish', () => {
          if (kept !== undefined) left = performance.now()
        })
        .on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
        .end(message)
    })
  return { send, close: () => agent.destroy() }
}

/** How many of each outcome, and the milliseconds that half, nearly all and the last of them took. */
export function linesOf(passages: Passage[]): string[] {
  const groups = Object.entries(Object.groupBy(passages, ({ outcome }) => outcome))
  return groups.map(([outcome, group = []]) => {
    const sorted = group.map(one => one.milliseconds).sort((a, b) => a - b)
    const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!)
    return `${outcome}: ${group.length}; p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, last ${at(1)} ms`
  })
}
