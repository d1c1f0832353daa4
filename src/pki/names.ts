import { bytesOf, dotted, type Element, inside, oid, printable, sequence, set, utf8 } from './der.ts'

const types = { CN: '2.5.4.3', serialNumber: '2.5.4.5', C: '2.5.4.6', O: '2.5.4.10', OU: '2.5.4.11' } as const

/** The parts of a distinguished name that we write and read. */
export type NamePart = keyof typeof types

/** A distinguished name: its parts in the order in which they are written. */
export type Name = readonly (readonly [NamePart, string])[]

/** X.520 bounds each part; 64 is the bound of the common name, the organization and the serial number. */
const longest = 64

/** The name as certificates carry it. Parts without a value are left out, and what is longer than 64 characters is cut. */
export function writeName(name: Name): Element {
  const parts = name.filter(([, value]) => value !== '')
  return sequence(...parts.map(([part, value]) => set(sequence(oid(types[part]), writeValue(part, [...value].slice(0, longest).join(''))))))
}

/** A country or a serial number is a PrintableString by X.520, as long as its characters allow. */
const writeValue = (part: NamePart, value: string) =>
  (part === 'serialNumber' || part === 'C') && /^[A-Za-z0-9 '()+,\-./:=?]*$/.test(value) ? printable(value) : utf8(value)

/** Reads the parts that we know; the others are passed over. Throws when the element is no name. */
export function readName(element: Element): Name {
  return inside(element)
    .flatMap(inside)
    .flatMap(part => {
      const [type, value] = inside(part)
      const known = (Object.keys(types) as NamePart[]).find(key => types[key] === dotted(type))
      return known ? [[known, bytesOf(value).toString('utf8')] as const] : []
    })
}

/** The first value of a part; undefined when the name has none. */
export const partOf = (name: Name, part: NamePart): string | undefined => name.find(([key]) => key === part)?.[1]

/** What a certificate that signs messages is called, and nothing else may be. */
export const messageSigner = 'Message Signer'

/** What the authority of a Local Account is called. */
export const accountCa = 'On-Prem Account CA'

/** "subject `O=…, CN=On-Prem Account CA, serialNumber=<local account uuid>`" (5.11) */
export const accountCaName = (organization: string, localAccountUuid: string): Name => [
  ['O', organization],
  ['CN', accountCa],
  ['serialNumber', localAccountUuid],
]

/** "`CN=Message Signer`" of an account, or with the server's uuid that of the server (5.11). */
export const signerName = (serverUuid = ''): Name => [
  ['CN', messageSigner],
  ['serialNumber', serverUuid],
]
