import { isIP } from 'node:net'
import { bits, type Element, encode, integer, octets, oid, sequence, set, tagged, taggedBytes, truth } from './der.ts'

/** The extensions that we write and understand (RFC 5280, 4.2). */
export const extensionIds = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const

const extensionRequestId = '1.2.840.113549.1.9.14'
const serverAuthentication = '1.3.6.1.5.5.7.3.1'

/** What a subject may be called beside its name. A host is a DNS name or an address. */
export type AlternativeNames = { uris?: readonly string[]; hosts?: readonly string[] }

function extension(id: keyof typeof extensionIds, value: Element, critical = false): Element {
  return sequence(oid(extensionIds[id]), ...(critical ? [truth()] : []), octets(encode(value)))
}

/** Marks an authority. `pathLength` says how many authorities may follow below it; without it there is no bound. */
export const isAnAuthority = (pathLength?: number): Element =>
  extension('basicConstraints', sequence(truth(), ...(pathLength === undefined ? [] : [integer(pathLength)])), true)

/** The key signs certificates, and lists of revoked ones, as an authority's may. */
export const signsCertificates: Element = extension('keyUsage', bits(Buffer.of(0b0000_0110), 1), true)

/** The key signs messages. */
export const signsMessages: Element = extension('keyUsage', bits(Buffer.of(0b1000_0000), 7), true)

/** The key is a TLS server's. */
export const servesTls: Element = extension('extendedKeyUsage', sequence(oid(serverAuthentication)))

/** Names the subject's key. */
export const subjectKey = (keyId: Buffer): Element => extension('subjectKeyIdentifier', octets(keyId))

/** Names the issuer's key and nothing else of it: "`authorityKeyIdentifier=keyid` only", or no certificate would outlive the re-issue of its issuer (5.11). */
export const issuerKey = (keyId: Buffer): Element => extension('authorityKeyIdentifier', sequence(taggedBytes(0, keyId)))

/** The subject's other names. */
export const alternativeNames = ({ uris = [], hosts = [] }: AlternativeNames): Element =>
  extension(
    'subjectAltName',
    sequence(
      ...uris.map(uri => taggedBytes(6, Buffer.from(uri, 'latin1'))),
      ...hosts.map(host => (isIP(host) ? taggedBytes(7, addressBytes(host)) : taggedBytes(2, Buffer.from(host, 'latin1')))),
    ),
  )

/** The 4 or 16 bytes of an address. The URL parser turns every way to write an IPv6 address into groups of hexadecimal. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  const [head = [], tail = []] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split('::')
    .map(half => half.split(':').filter(Boolean))
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  return Buffer.from(groups.map(group => group.padStart(4, '0')).join(''), 'hex')
}

/** The attributes by which a certificate request asks for extensions (RFC 2985, 5.4.2); none gives the empty set that a request must have. */
export const requestedExtensions = (...extensions: Element[]): Element =>
  tagged(0, ...(extensions.length > 0 ? [sequence(oid(extensionRequestId), set(sequence(...extensions)))] : []))
