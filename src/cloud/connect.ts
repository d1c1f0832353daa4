import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from 'node:tls'
import { withoutBrackets } from '../rules/proxy.ts'
import { inTime } from './inTime.ts'
import { openTunnel } from './tunnel.ts'
import { proxyTo, type Way } from './way.ts'
import { codeOf, type Peer, type Target, WayFault } from './wayFault.ts'

/** How many milliseconds each step may take. */
export const connectionLimits = { dns: 12_000, tcp: 20_000, proxy: 30_000, tls: 20_000 }
export type StepLimits = typeof connectionLimits
type ConnectionStep = keyof StepLimits

/** Is told of each step that has held, with what was found. */
export type Witness = (step: ConnectionStep, found: string) => void

/** Of several addresses each has so long before the next is tried beside it: a line over a satellite answers in 600 ms. */
const headStart = 1000

/**
 * Opens a connection to the cloud, or to a provider, a step at a time: name, TCP, the proxy where there is one, TLS. Each step has its own end, and
 * a fault says which it was. IPv6 and IPv4 are tried in turn ("happy eyeballs").
 */
export async function openConnection(
  url: URL,
  way: Way,
  limits: StepLimits,
  witness: Witness = () => {},
  kind: Target = 'cloud',
): Promise<TLSSocket> {
  const target = { host: withoutBrackets(url.hostname), port: Number(url.port || 443) }
  const peer: Peer = { kind, host: target.host }
  const trust = trustIn(way.authorities)
  const proxy = proxyTo(target.host, way)
  if (!proxy) return secure('tls', await reach(target, peer, limits, witness), peer, trust, limits.tls, witness)
  const before: Peer = { kind: 'proxy', host: proxy.host }
  const plain = await reach(proxy, before, limits, witness)
  const toProxy = proxy.scheme === 'https' ? await secure('proxy', plain, before, trust, limits.tls, () => {}) : plain
  const tunnel = await openTunnel(toProxy, target, proxy, limits.proxy)
  witness('proxy', `${proxy.host} lets us through to ${target.host}${proxy.user === null ? '' : ` as ${proxy.user}`}.`)
  return secure('tls', tunnel, peer, trust, limits.tls, witness)
}

async function reach({ host, port }: { host: string; port: number }, peer: Peer, limits: StepLimits, witness: Witness): Promise<Socket> {
  const addresses = await atStep('dns', peer, inTime(lookup(host, { all: true }), limits.dns))
  witness('dns', isIP(host) ? `${host} is an address.` : `${host} is ${addresses.map(({ address }) => address).join(', ')}.`)
  const socket = connect({ host, port, lookup: found(addresses), autoSelectFamily: true, autoSelectFamilyAttemptTimeout: headStart })
  await atStep('tcp', peer, settled(socket, 'connect', limits.tcp))
  witness('tcp', `The ${peer.kind} takes connections on port ${port} at ${socket.remoteAddress}.`)
  return socket
}

/** Answers the platform's question for addresses with those that are known. */
const found =
  (addresses: LookupAddress[]) =>
  (_host: string, _options: object, answer: (error: null, addresses: LookupAddress[]) => void): void =>
    answer(null, addresses)

/** TLS on top of a connection. The name is checked for a proxy as for the cloud. */
async function secure(
  step: ConnectionStep,
  socket: Socket,
  peer: Peer,
  secureContext: SecureContext,
  milliseconds: number,
  witness: Witness,
): Promise<TLSSocket> {
  const { host } = peer
  const tls = connectTls({ socket, host, servername: isIP(host) ? '' : host, secureContext })
  await atStep(step, peer, settled(tls, 'secureConnect', milliseconds), error => namesIn(error))
  witness(step, `${tls.getProtocol()}, with a certificate for ${host} from ${issuerOf(tls)}.`)
  return tls
}

function issuerOf(tls: TLSSocket): string {
  const { CN, O } = (tls.getPeerCertificate().issuer ?? {}) as { CN?: string; O?: string }
  return CN ?? O ?? 'an authority without a name'
}

/** For which names a certificate was made that is not for this one. */
const namesIn = (error: unknown) =>
  String((error as { cert?: { subjectaltname?: string } }).cert?.subjectaltname ?? '')
    .replace(/(DNS|IP Address):/g, '')
    .slice(0, 200)

/** Waits for an event of a connection; ends it when an error comes first, or nothing in time. */
function settled(socket: Socket, event: string, milliseconds: number): Promise<void> {
  const work = new Promise<void>((resolve, reject) => {
    // Stays, so that what goes wrong between two steps is no fault of the process.
    socket.on('error', reject)
    socket.once(event, () => resolve())
    socket.once('close', () => reject(Object.assign(new Error('It was closed'), { code: 'ECONNRESET' })))
  })
  return inTime(work, milliseconds, () => socket.destroy())
}

async function atStep<T>(step: ConnectionStep, peer: Peer, work: Promise<T>, tell: (error: unknown) => string = () => ''): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw new WayFault(step, peer, codeOf(error), { detail: tell(error), cause: error })
  }
}

let latest: { authorities: string; context: SecureContext } | undefined

/**
 * Whom to believe: the authorities that the platform knows, and beside them those of the trust store, of which an intermediate one will do. The
 * last answer is kept: reading 150 certificates takes longer than a connection.
 */
function trustIn(own: readonly string[]): SecureContext {
  const authorities = own.join('\n')
  if (latest?.authorities !== authorities) {
    const ca = [...rootCertificates, ...own]
    latest = { authorities, context: createSecureContext({ ca, minVersion: 'TLSv1.2', allowPartialTrustChain: true }) }
  }
  return latest.context
}
