import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, createSecureContext, rootCertificates, type TLSSocket } from 'node:tls'
import { type DirectoryServer, serverName } from '../rules/directory.ts'
import { DirectoryFault, type DirectoryStep, type Witness } from './fault.ts'

/** Opens a connection to a server of a directory: its name, then TCP, each within so many milliseconds. Fails with the step and what to do. */
export async function reach(server: DirectoryServer, milliseconds: number, witness: Witness): Promise<Socket> {
  const { host, port } = server
  const unknown = () =>
    new DirectoryFault('dns', `The name ${host} is not known here. Check the name, and the name servers of this machine.`, true)
  const addresses = await within(lookup(host, { all: true }), milliseconds, unknown).catch(() => Promise.reject(unknown()))
  witness('dns', isIP(host) ? `${host} is an address.` : `${host} is ${addresses.map(({ address }) => address).join(', ')}.`)
  const socket = connect({ host, port, lookup: found(addresses), autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 1000 })
  await settled(socket, 'connect', milliseconds, 'tcp', error => wordsOfTcp(server, error))
  witness('tcp', `${serverName(server)} takes connections at ${socket.remoteAddress}.`)
  return socket
}

/** Answers the platform's question for addresses with those that are known. */
const found =
  (addresses: LookupAddress[]) =>
  (_host: string, _options: object, answer: (error: null, addresses: LookupAddress[]) => void): void =>
    answer(null, addresses)

/** Whom to believe, and which name to hear: the usual authorities and those of the trust store. */
export const tlsOptions = ({ host }: DirectoryServer, authorities: readonly string[]): ConnectionOptions => ({
  host,
  servername: isIP(host) ? '' : host,
  secureContext: createSecureContext({ ca: [...rootCertificates, ...authorities], minVersion: 'TLSv1.2', allowPartialTrustChain: true }),
})

/** TLS on top of a connection, with the server's certificate and name verified. */
export async function secure(
  socket: Socket,
  server: DirectoryServer,
  authorities: readonly string[],
  milliseconds: number,
  witness: Witness,
): Promise<TLSSocket> {
  const tls = connectTls({ socket, ...tlsOptions(server, authorities) })
  await settled(tls, 'secureConnect', milliseconds, 'tls', error => wordsOfTls(server, error))
  tellTls(tls, server, witness)
  return tls
}

/** What a witness hears of a protected connection. */
export function tellTls(tls: TLSSocket, { host }: DirectoryServer, witness: Witness): void {
  const { CN, O } = (tls.getPeerCertificate().issuer ?? {}) as { CN?: string; O?: string }
  witness('tls', `${tls.getProtocol()}, with a certificate for ${host} from ${CN ?? O ?? 'an authority without a name'}.`)
}

function settled(
  socket: Socket,
  event: string,
  milliseconds: number,
  step: DirectoryStep,
  words: (error?: NodeJS.ErrnoException) => string,
): Promise<void> {
  const fault = (error?: NodeJS.ErrnoException) => new DirectoryFault(step, words(error), true)
  const work = new Promise<void>((resolve, reject) => {
    // Stays, so that what goes wrong between two steps is no fault of the process.
    socket.on('error', error => reject(fault(error)))
    socket.once(event, () => resolve())
    socket.once('close', () => reject(fault(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))))
  })
  return within(work, milliseconds, fault, () => socket.destroy())
}

/** Waits for work no longer than so many milliseconds; then `giveUp` runs, and it fails with `fault`. */
export async function within<T>(work: Promise<T>, milliseconds: number, fault: () => Error, giveUp: () => void = () => {}): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      giveUp()
      reject(fault())
    }, milliseconds)
  })
  try {
    return await Promise.race([work, end])
  } finally {
    clearTimeout(timer)
    // What the work says after its end is heard by nobody.
    work.catch(() => {})
  }
}

/** The platform's code of an error; of several addresses that were tried, that of the first. */
const codeOf = (error: NodeJS.ErrnoException | undefined) =>
  error?.code ?? ((error as AggregateError | undefined)?.errors?.[0] as NodeJS.ErrnoException | undefined)?.code

function wordsOfTcp(server: DirectoryServer, error?: NodeJS.ErrnoException): string {
  const code = codeOf(error)
  if (!error || code === 'ETIMEDOUT')
    return `${serverName(server)} does not take the connection in time. Check the port, and the firewalls between.`
  if (code === 'ECONNREFUSED') return `Nothing listens on ${serverName(server)}. Check the port, and whether the directory runs.`
  return `${serverName(server)} cannot be reached (${code ?? 'no reason given'}). Check the network between.`
}

/** What to do about a TLS that did not come about. */
export function wordsOfTls(server: DirectoryServer, error?: NodeJS.ErrnoException): string {
  const code = codeOf(error)
  const { host } = server
  if (!error) return `${serverName(server)} does not answer to TLS in time. Check whether the port is the one of LDAPS.`
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `The certificate of ${serverName(server)} is not for ${host}. Name the server as its certificate does.`
  if (code === 'CERT_HAS_EXPIRED') return `The certificate of ${serverName(server)} has expired. Renew it there.`
  if (/SELF_SIGNED|UNABLE_TO_|UNKNOWN_CA|UNTRUSTED/.test(code ?? ''))
    return `Nobody vouches for the certificate of ${serverName(server)}. Import its authority on the page Network, into the trust store.`
  return `${serverName(server)} speaks no TLS that this server takes (${code ?? error.message}). Check port and security.`
}
