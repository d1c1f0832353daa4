import type { X509Certificate } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { createSecureContext, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls'
import { CommunicationFailure } from './failures.ts'

const largestReply = 3_145_728
const patience = 60_000

export type HttpReply = { status: number; retryAfter: number | undefined; body: Buffer }
export type Post = (url: URL, contentType: string, body: string | Buffer) => Promise<HttpReply>

export type Line = {
  /** The authority of the server's TLS certificate, as PEM; without it those of the machine are trusted. */
  tlsTrust?: string | undefined
  /** Keep connections open between messages, as a load generator may; a product opens a new one each time. */
  keepAlive?: boolean
  /** Milliseconds until a silent server is given up. */
  timeout?: number
}

/**
 * Gives what posts a body and waits for the answer, over HTTP or HTTPS. Throws CommunicationFailure for a server that cannot be reached, shows
 * a certificate that is not trusted, falls silent, or answers more than a device message may hold. `close` lets go of kept connections.
 */
export function openLine({ tlsTrust, keepAlive = false, timeout = patience }: Line): { post: Post; close: () => void } {
  const agents = { 'http:': new http.Agent({ keepAlive }), 'https:': httpsAgent(tlsTrust, keepAlive) }
  const post: Post = (url, contentType, body) =>
    new Promise<HttpReply>((resolve, reject) => {
      const request = (url.protocol === 'https:' ? https : http).request(url, {
        method: 'POST',
        agent: agents[url.protocol as keyof typeof agents],
        headers: { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) },
      })
      // A timer costs less than an AbortSignal, and a fleet needs one for each message.
      const timer = setTimeout(() => request.destroy(new Silence()), timeout)
      const settle = (error: NodeJS.ErrnoException | undefined, reply?: HttpReply) => {
        clearTimeout(timer)
        if (reply) resolve(reply)
        else reject(failureOf(error!, url, timeout))
      }
      request.once('error', (error: NodeJS.ErrnoException) => {
        // A kept connection may have been closed while the request was on its way; the same bytes again are answered once (5.4).
        const closedMeanwhile = request.reusedSocket && error.code === 'ECONNRESET'
        if (!closedMeanwhile) return settle(error)
        clearTimeout(timer)
        post(url, contentType, body).then(resolve, reject)
      })
      request.once('response', response => readReply(response, settle))
      request.end(body)
    })
  return { post, close: () => Object.values(agents).forEach(agent => void agent.destroy()) }
}

/** Nothing came for too long. */
class Silence extends Error {}

/** Sessions are not resumed: a product that calls once a month makes a full handshake, and a load generator must do the same. */
function httpsAgent(tlsTrust: string | undefined, keepAlive: boolean): https.Agent {
  const secureContext: SecureContext | undefined = tlsTrust === undefined ? undefined : createSecureContext({ ca: tlsTrust })
  return new FrugalAgent({ keepAlive, maxCachedSessions: 0, checkServerIdentity, ...(secureContext && { secureContext }) })
}

/**
 * Compares the name in a certificate with the platform's own function. For each handshake Node makes an object of every field of the whole
 * chain before it asks; here the question is put to the certificate as it is.
 */
class FrugalAgent extends https.Agent {
  override createConnection(...words: Parameters<https.Agent['createConnection']>) {
    const socket = super.createConnection(...words) as TLSSocket
    socket.getPeerCertificate = () => socket.getPeerX509Certificate() as never
    return socket
  }
}

function checkServerIdentity(host: string, shown: PeerCertificate): Error | undefined {
  const certificate = shown as unknown as X509Certificate | undefined
  if (certificate && (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host))) return undefined
  return Object.assign(new Error(`The certificate is not for ${host}.`), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
}

/** Reads the answer, event by event. */
function readReply(response: http.IncomingMessage, settle: (error: Error | undefined, reply?: HttpReply) => void): void {
  const chunks: Buffer[] = []
  let length = 0
  response.on('data', (chunk: Buffer) => {
    length += chunk.length
    chunks.push(chunk)
    if (length > largestReply) response.destroy(new Error(`the answer is larger than ${largestReply} bytes`))
  })
  response.once('error', settle)
  response.once('end', () => {
    const retryAfter = Number(response.headers['retry-after'])
    settle(undefined, {
      status: response.statusCode ?? 0,
      retryAfter: Number.isInteger(retryAfter) && retryAfter >= 0 ? retryAfter : undefined,
      body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
    })
  })
}

function failureOf(error: NodeJS.ErrnoException, url: URL, timeout: number): CommunicationFailure {
  if (error instanceof Silence) {
    return new CommunicationFailure('noReply', `${url.origin} did not answer within ${Math.round(timeout / 1000)} seconds.`)
  }
  const [kind, sentence] = explanations[error.code ?? ''] ?? ['cannotSend', `the connection failed: ${error.message || error.code}`]
  return new CommunicationFailure(kind, `Could not talk to ${url.origin}: ${sentence}.`)
}

const untrusted = 'its TLS certificate is not issued by an authority that is trusted here; name the right one with --tls-trust'
const explanations: Record<string, ['cannotSend' | 'noReply', string]> = {
  ECONNREFUSED: ['cannotSend', 'nothing listens there; is the server running, and the port right?'],
  ENOTFOUND: ['cannotSend', 'no such host is known'],
  ECONNRESET: ['noReply', 'the connection was closed before an answer came'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['cannotSend', untrusted],
  SELF_SIGNED_CERT_IN_CHAIN: ['cannotSend', untrusted],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['cannotSend', untrusted],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['cannotSend', untrusted],
  CERT_HAS_EXPIRED: ['cannotSend', 'its TLS certificate has expired'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['cannotSend', 'its TLS certificate is for another host name'],
  EPROTO: ['cannotSend', 'it does not speak TLS there; is it an http address?'],
}
