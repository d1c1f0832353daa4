import type { Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { AndFilter, Client, type Entry, EqualityFilter, ExtensibleFilter, type Filter, FilterParser, OrFilter } from 'ldapts'
import type { DirectoryServer, DirectorySettings } from '../rules/directory.ts'
import { serverName } from '../rules/directory.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { explain, noAnswer } from './explain.ts'
import { DirectoryFault, type DirectoryStep, type Witness } from './fault.ts'
import { reach, secure, tellTls, tlsOptions, within, wordsOfTls } from './reach.ts'

/** How many milliseconds a connection may take to come about, one answer to come, and one server to do all that is asked of it. */
export const directoryLimits = { connect: 3000, answer: 5000, server: 8000 }
export type DirectoryLimits = typeof directoryLimits

/** No question of ours has an answer as large as this; a directory that goes on is hung up on. */
const mostBytes = 64 * 1024 * 1024
const pageSize = 500

/** What is searched for: `most` entries, or all of them page by page. */
export type Search = { base: string; filter: Filter; attributes: string[]; most?: number }

/** An open connection to one server. Every question fails with a DirectoryFault of its step. */
export type Session = {
  server: DirectoryServer
  /** Says who asks. An empty password is never sent: a directory would take it for "nobody" and say yes (RFC 4513, 5.1.2). */
  bind(step: DirectoryStep, name: string, password: string): Promise<void>
  /** Finds entries. References to other servers are not followed. */
  search(step: DirectoryStep, search: Search): Promise<Entry[]>
}

/**
 * Does `work` on a connection to one server, which is closed after it, and after `limits.server` milliseconds whatever it does. TLS comes before
 * anything else is said; a connection that is lost is not made again in the middle, when it might be without it.
 */
export async function withServer<T>(
  server: DirectoryServer,
  { security, authorities, limits }: { security: DirectorySettings['security']; authorities: readonly string[]; limits: DirectoryLimits },
  witness: Witness,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const plain = await reach(server, limits.connect, witness)
  try {
    const socket = security === 'ldaps' ? await secure(plain, server, authorities, limits.connect, witness) : plain
    const client = clientOver(socket, server, limits)
    const all = async () => {
      if (security === 'starttls') tellTls(await startTls(client, server, authorities), server, witness)
      return work(sessionOf(client.client, server))
    }
    return await within(all(), limits.server, () => noAnswer('search', server))
  } finally {
    plain.destroy()
  }
}

/** A client of LDAP, and the TLS that it has put on its connection, once it has. */
type OverSocket = { client: Client; secured: TLSSocket | undefined }

function clientOver(socket: Socket, server: DirectoryServer, limits: DirectoryLimits): OverSocket {
  let used = false
  const createConnection = () => {
    if (used) throw new DirectoryFault('search', `${serverName(server)} broke the connection off.`, true)
    used = true
    return boundedReading(socket)
  }
  const createSecureConnection = (options: ConnectionOptions) => {
    over.secured = boundedReading(connectTls(options))
    return over.secured
  }
  const ways = { createConnection: createConnection as never, createSecureConnection: createSecureConnection as never }
  const over: OverSocket = {
    client: new Client({ url: 'ldap://directory.invalid', timeout: limits.answer, strictDN: false, ...ways }),
    secured: undefined,
  }
  return over
}

function boundedReading<T extends Socket>(socket: T): T {
  let read = 0
  socket.on('data', data => {
    read += data.length
    if (read > mostBytes) socket.destroy()
  })
  return socket
}

async function startTls(over: OverSocket, server: DirectoryServer, authorities: readonly string[]): Promise<TLSSocket> {
  try {
    await over.client.startTLS(tlsOptions(server, authorities))
  } catch (error) {
    const offers = typeof (error as { code?: unknown }).code !== 'number'
    const words = offers
      ? wordsOfTls(server, error as Error)
      : `${serverName(server)} offers no StartTLS. Choose LDAPS, or switch it on there.`
    throw new DirectoryFault('tls', words, true)
  }
  return over.secured!
}

const sessionOf = (client: Client, server: DirectoryServer): Session => ({
  server,
  async bind(step, name, password) {
    refuseUnless(password !== '', 'NOT_SIGNED_IN', 'Give a password.', 'password')
    await asked(step, server, name, () => client.bind(name, password))
  },
  async search(step, { base, filter, attributes, most }) {
    const bound = most === undefined ? { paged: { pageSize } } : { sizeLimit: most }
    const options = { scope: 'sub' as const, derefAliases: 'never' as const, explicitBufferAttributes: ['objectGUID'] }
    const found = await asked(step, server, base, () => client.search(base, { ...options, filter, attributes, ...bound }))
    return found.searchEntries
  },
})

async function asked<T>(step: DirectoryStep, server: DirectoryServer, about: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question()
  } catch (error) {
    throw error instanceof DirectoryFault ? error : explain(step, server, about, error as Error)
  }
}

/** Reads a filter; refuses one that cannot be read, at the field that it stands in. */
export function readFilter(text: string, field: string): Filter {
  try {
    return FilterParser.parseString(text)
  } catch {
    refuseUnless(false, 'INVALID', 'This is no filter: it is written as in (&(objectClass=person)(uid={username})).', field)
  }
}

/** Of what `filter` finds, that of which an attribute has one of the values. */
export const having = (filter: Filter, attribute: string, values: string[]): Filter =>
  new AndFilter({ filters: [filter, new OrFilter({ filters: values.map(value => new EqualityFilter({ attribute, value })) })] })

/** Of what `filter` finds, that which has `dn` in the chain of an attribute: LDAP_MATCHING_RULE_IN_CHAIN of Active Directory. */
export const inChain = (filter: Filter, attribute: string, dn: string): Filter =>
  new AndFilter({ filters: [filter, new ExtensibleFilter({ matchType: attribute, rule: '1.2.840.113556.1.4.1941', value: dn })] })

/** The values of an attribute of an entry, as text (octets as hexadecimal), whatever capitals the directory writes its name in. */
export function valuesOf(entry: Entry, attribute: string): string[] {
  const name = Object.keys(entry).find(key => key.toLowerCase() === attribute.toLowerCase())
  const values = name === undefined ? [] : [entry[name]!].flat()
  return values.map(value => (Buffer.isBuffer(value) ? value.toString('hex') : String(value)))
}
