import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Context } from '../context.ts'
import { acknowledgeRegistrations } from '../licensing/acknowledgeRegistration.ts'
import { authorizeUsage } from '../licensing/authorizeUsage.ts'
import { registerProductInstances } from '../licensing/registerProductInstances.ts'
import { hour, minute, second } from '../rules/clock.ts'
import { findProductInstancesByUdi } from '../storage/productInstances.ts'
import { findRegistrationTokens } from '../storage/registrationTokens.ts'
import { findReplies } from '../storage/replies.ts'
import { findAccountsOf, findSenders } from '../storage/senders.ts'
import { type MessageCount, openCounters } from './counters.ts'
import { openLane, openLanes } from './lanes.ts'
import { type LimitSettings, openLimits } from './limits.ts'
import type { Door } from './message.ts'
import { openReceiver, type Receiver } from './receive.ts'
import { rotateTickets } from './tickets.ts'

/** Where to listen; port 0 is any free one. With `reusePort` several processes listen on one port, and the kernel spreads who comes. */
type Place = { port: number; host?: string; reusePort?: boolean }
export type DeviceDoorOptions = {
  http?: Place
  https?: Place & { key: string; cert: string }
  limits?: LimitSettings
}

/** The door of product instances, open. */
export type DeviceDoor = {
  httpPort: number | undefined
  httpsPort: number | undefined
  /** Shows another certificate from the next connection on. */
  replaceCertificate(certificate: { key: string; cert: string }): void
  counters(): MessageCount[]
  close(): Promise<void>
}

/** Slow and idle connections end; a header has 8 KiB; so many connections are open at once on each listener. */
const httpOptions: ServerOptions = {
  headersTimeout: 10 * second,
  requestTimeout: 30 * second,
  keepAliveTimeout: 15 * second,
  connectionsCheckingInterval: 5 * second,
  maxHeaderSize: 8 * 1024,
}
const mostConnections = 4096

/** "TLS 1.2 and 1.3 only, forward-secret AEAD suites from the FIPS list, session tickets rotated" (security.md). */
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
  handshakeTimeout: 10 * second,
} as const

/** Opens the door on the listeners that are asked for, with both transports on each. Throws when a port is taken, and listens on none then. */
export async function openDeviceDoor(context: Context, { http, https, limits }: DeviceDoorOptions): Promise<DeviceDoor> {
  const door = furnish(context, limits)
  const receive = openReceiver(door)
  const plain = http && serve(createServer(httpOptions), receive)
  const secure = https && serve(createTlsServer({ ...httpOptions, ...tlsOptions, key: https.key, cert: https.cert }), receive)
  const close = async () => void (await Promise.all([plain && end(plain), secure && end(secure)]))
  const stopRotating = secure && rotateTickets(secure as TlsServer, 12 * hour)
  try {
    return {
      httpPort: plain && (await listen(plain, http)),
      httpsPort: secure && (await listen(secure, https)),
      replaceCertificate: certificate => (secure as TlsServer | undefined)?.setSecureContext({ ...tlsOptions, ...certificate }),
      counters: door.counters.snapshot,
      async close() {
        stopRotating?.()
        await close()
      },
    }
  } catch (error) {
    stopRotating?.()
    await close()
    throw error
  }
}

/** What messages share. An instance's reports always go the same way, so that two groups under way never hold the same one. */
function furnish(context: Context, limits?: LimitSettings): Door {
  const { db } = context.storage
  return {
    context,
    limits: openLimits(limits),
    counters: openCounters(),
    lanes: {
      accounts: openLane(ids => findAccountsOf(db, ids)),
      senders: openLane(keys => findSenders(db, keys)),
      earlierAnswers: openLane(receipts => findReplies(db, receipts)),
      tokens: openLane(keys => findRegistrationTokens(db, keys)),
      formerInstances: openLane(keys => findProductInstancesByUdi(db, keys)),
      registrations: openLane(orders => registerProductInstances(context, orders), {
        keyOf: ({ prepared }) => prepared.identity.instance.udiKey,
      }),
      acknowledgements: openLane(group => acknowledgeRegistrations(context, group), { keyOf: ({ signed }) => signed.productInstanceId }),
      reports: openLanes(2, reports => authorizeUsage(context, reports), { keyOf: report => report.productInstanceId }),
    },
  }
}

function serve<Either extends Server | TlsServer>(server: Either, receive: Receiver): Either {
  server.maxConnections = mostConnections
  const listener = (request: IncomingMessage, response: ServerResponse) => void receive(request, response).catch(() => response.destroy())
  server.on('request', listener)
  // A body that is too large is refused before it is sent, where the product asks first.
  server.on('checkContinue', listener)
  return server
}

/** "IPv4 and IPv6": the address `::` is both wherever the machine has IPv6, and the platform falls back to IPv4 where it has not. */
const listen = (server: Server, { port, host, reusePort = false }: Place): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host !== '::' && { host }), backlog: 4096, reusePort }, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })

/** Takes no new connections, lets what is under way end, and cuts off what takes longer than a while. */
const end = (server: Server): Promise<void> =>
  new Promise(resolve => {
    if (!server.listening) return resolve()
    const timer = setTimeout(() => server.closeAllConnections(), minute / 6)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
