import { bytesOf, decode, dotted, type Element, inside, isTagged } from './der.ts'
import { extensionIds } from './extensions.ts'

/** What a certificate says of its holder and of its key by its extensions. */
export type Extensions = {
  isAuthority: boolean
  /** How many authorities may follow below it; undefined sets no bound. */
  pathLength: number | undefined
  mayCertify: boolean
  maySignMessages: boolean
  keyId: Buffer | undefined
  /** The URIs among its alternative names; undefined when it has no alternative names at all. */
  uris: string[] | undefined
  /** It carries a critical extension that we do not know: such a certificate must not be believed (RFC 5280, 4.2). */
  hasUnknownDuty: boolean
}

const known: string[] = Object.values(extensionIds)

/** Reads a certificate's list of extensions. Throws when one cannot be read or stands there twice. */
export function readExtensions(list: Element[]): Extensions {
  const found = new Map<string, { critical: boolean; value: Element | undefined }>()
  for (const entry of list) {
    const [id, ...rest] = inside(entry)
    const name = dotted(id)
    if (found.has(name)) throw new Error(`The extension ${name} stands there twice`)
    found.set(name, { critical: rest.length > 1, value: known.includes(name) ? decode(bytesOf(rest.at(-1))) : undefined })
  }
  const value = (name: keyof typeof extensionIds) => found.get(extensionIds[name])?.value
  return {
    ...readConstraints(value('basicConstraints')),
    ...readUsage(value('keyUsage')),
    keyId: value('subjectKeyIdentifier') && bytesOf(value('subjectKeyIdentifier')),
    uris: value('subjectAltName') && readUris(value('subjectAltName')),
    hasUnknownDuty: [...found].some(([name, { critical }]) => critical && !known.includes(name)),
  }
}

/** BasicConstraints ::= { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
function readConstraints(constraints: Element | undefined) {
  const [flag, length] = constraints ? inside(constraints) : []
  return {
    isAuthority: Boolean(flag) && bytesOf(flag)[0] === 0xff,
    pathLength: length && Number.parseInt(bytesOf(length).toString('hex'), 16),
  }
}

/** Without a key usage every use is allowed: the extension restricts (RFC 5280, 4.2.1.3). */
function readUsage(usage: Element | undefined) {
  const flags = usage ? (bytesOf(usage)[1] ?? 0) : 0xff
  return { maySignMessages: (flags & 0b1000_0000) !== 0, mayCertify: (flags & 0b0000_0100) !== 0 }
}

const readUris = (names: Element | undefined) =>
  inside(names)
    .filter(name => isTagged(name, 6))
    .map(name => bytesOf(name).toString('latin1'))
