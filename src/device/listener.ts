import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { minute, second } from '../rules/clock.ts'
import type { Receiver } from './receive.ts'
import { openRounds } from './rounds.ts'

/** Where to listen; port 0 is any free one. With `reusePort` several processes listen on one port, and the kernel spreads who comes. */
export type Place = { port: number; host?: string; reusePort?: boolean }

/** What a TLS listener shows, in PEM. */
export type Shown = { key: string; cert: string }

/** How long each part of an exchange may take, in milliseconds. */
export type Patience = {
  /** For a TLS handshake. */
  handshake: number
  /** For a header, from the beginning of the connection or of the message. */
  header: number
  /** For a whole message. */
  message: number
  /** Until the next message comes. */
  idle: number
  /** Without a byte in either direction: of somebody who does not read, too. */
  still: number
  /** How often it is looked after. */
  check: number
}

/** Slow, idle and silent connections end; but not those that wait because thousands have come at once, and this side is the slow one. */
export const usualPatience: Patience = {
  handshake: 30 * second,
  header: 20 * second,
  message: 30 * second,
  idle: 15 * second,
  still: 60 * second,
  check: 5 * second,
}

const httpOptions = ({ header, message, idle, check }: Patience): ServerOptions => ({
  headersTimeout: header,
  requestTimeout: message,
  keepAliveTimeout: idle,
  connectionsCheckingInterval: check,
  maxHeaderSize: 8 * 1024,
})

/** "TLS 1.2 and 1.3 only, forward-secret AEAD suites from the FIPS list" (security.md). */
const tlsOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
  ].join(':'),
  honorCipherOrder: true,
} as const

/** What all listeners have in common: who lets connections in, who answers, and how long anything may take. */
export type Service = { admit(socket: Socket): boolean; receive: Receiver; patience: Patience }

/** A server without TLS that gives its requests to the service, and does not listen yet. */
export const plainServer = (service: Service): Server =>
  serve(createServer(httpOptions(service.patience)), service, (_socket, begin) => begin())

/** A server with TLS. Handshakes begin a few at a time, of whoever is still there. */
export const tlsServer = (service: Service, { key, cert }: Shown): TlsServer => {
  const options = { ...httpOptions(service.patience), ...tlsOptions, handshakeTimeout: service.patience.handshake, key, cert }
  const inRounds = openRounds()
  return serve(createTlsServer(options), service, (socket, begin) => {
    socket.on('error', ignore)
    inRounds(() => {
      socket.off('error', ignore)
      if (!socket.destroyed) begin()
    })
  })
}

/** Whoever breaks off before the handshake is gone, and nobody need be told. */
const ignore = () => undefined

/** Shows another certificate from the next connection on. */
export const showCertificate = (server: TlsServer, shown: Shown): void => server.setSecureContext({ ...tlsOptions, ...shown })

/** Has a server do what it does with a new connection (for TLS: the handshake) when it was let in, at the moment that `pace` chooses. */
function serve<Either extends Server | TlsServer>(
  server: Either,
  { admit, receive, patience }: Service,
  pace: (socket: Socket, begin: () => void) => void,
): Either {
  const [welcome] = server.listeners('connection')
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    if (admit(socket)) pace(socket, () => welcome!.call(server, socket))
  })
  server.timeout = patience.still
  const listener = (request: IncomingMessage, response: ServerResponse) => void receive(request, response).catch(() => response.destroy())
  server.on('request', listener)
  // A body that is too large is refused before it is sent, where the product asks first.
  server.on('checkContinue', listener)
  return server
}

/** "IPv4 and IPv6": the address `::` is both wherever the machine has IPv6, and the platform falls back to IPv4 where it has not. Gives the port. */
export const listen = (server: Server | TlsServer, { port, host, reusePort = false }: Place): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host !== '::' && { host }), backlog: 4096, reusePort }, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Takes no new connections, lets what is under way end, and cuts off what takes longer than a while. */
export const end = (server: Server | TlsServer): Promise<void> =>
  new Promise(resolve => {
    if (!server.listening) return resolve()
    const timer = setTimeout(() => server.closeAllConnections(), minute / 6)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
