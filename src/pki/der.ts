import forge from 'node-forge'

const { asn1 } = forge
const { Class, Type } = asn1

/** One ASN.1 element, as node-forge holds it. */
export type Element = forge.asn1.Asn1

/** node-forge keeps bytes in strings, a character a byte. */
const asBinary = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')

const holding = (type: forge.asn1.Type, children: Element[]) => asn1.create(Class.UNIVERSAL, type, true, children)
const plain = (type: forge.asn1.Type, binary: string) => asn1.create(Class.UNIVERSAL, type, false, binary)

export const sequence = (...children: Element[]): Element => holding(Type.SEQUENCE, children)
export const set = (...children: Element[]): Element => holding(Type.SET, children)
export const oid = (dotted: string): Element => plain(Type.OID, asn1.oidToDer(dotted).getBytes())
export const integer = (value: number): Element => plain(Type.INTEGER, asn1.integerToDer(value).getBytes())
export const positive = (bigEndian: Uint8Array): Element => plain(Type.INTEGER, asBinary(bigEndian))
export const truth = (): Element => plain(Type.BOOLEAN, '\xff')
export const nothing = (): Element => plain(Type.NULL, '')
export const octets = (bytes: Uint8Array): Element => plain(Type.OCTETSTRING, asBinary(bytes))
export const utf8 = (text: string): Element => plain(Type.UTF8, asBinary(Buffer.from(text, 'utf8')))
export const printable = (text: string): Element => plain(Type.PRINTABLESTRING, text)

/** A BIT STRING; the last `unused` bits of its last byte do not count. */
export const bits = (bytes: Uint8Array, unused = 0): Element => plain(Type.BITSTRING, String.fromCharCode(unused) + asBinary(bytes))

/** `[number]` around other elements. */
export const tagged = (number: number, ...children: Element[]): Element => asn1.create(Class.CONTEXT_SPECIFIC, number, true, children)

/** `[number]` around bytes. */
export const taggedBytes = (number: number, bytes: Uint8Array): Element =>
  asn1.create(Class.CONTEXT_SPECIFIC, number, false, asBinary(bytes))

/** A moment as certificates write it: through 2049 as UTCTime, from 2050 on as GeneralizedTime (RFC 5280, 4.1.2.5). */
export const time = (date: Date): Element =>
  date.getUTCFullYear() < 2050
    ? plain(Type.UTCTIME, String(asn1.dateToUtcTime(date)))
    : plain(Type.GENERALIZEDTIME, String(asn1.dateToGeneralizedTime(date)))

/** An element that is encoded already. Its whole tag stands where node-forge expects the number alone, so that the content is written as it is. */
export const encoded = (der: Buffer): Element => plain(der[0] as forge.asn1.Type, asBinary(der.subarray(headerLength(der))))

/** The element as DER. */
export const encode = (element: Element): Buffer => Buffer.from(asn1.toDer(element).getBytes(), 'latin1')

/** Reads the one DER element that fills `der`; what is inside a BIT STRING stays bytes. Throws what node-forge throws when it is something else. */
export const decode = (der: Buffer): Element =>
  asn1.fromDer(asBinary(der), { strict: true, parseAllBytes: true, decodeBitStrings: false } as unknown as boolean)

/** The elements inside. Throws when there is no element, or when it holds bytes. */
export function inside(element: Element | undefined): Element[] {
  if (!element || !Array.isArray(element.value)) throw new Error('An element that holds others is missing')
  return element.value
}

/** The bytes inside. Throws when there is no element, or when it holds others. */
export function bytesOf(element: Element | undefined): Buffer {
  if (!element || typeof element.value !== 'string') throw new Error('An element that holds bytes is missing')
  return Buffer.from(element.value, 'latin1')
}

/** The dotted form of an OBJECT IDENTIFIER. */
export const dotted = (element: Element | undefined): string => asn1.derToOid(forge.util.createBuffer(asBinary(bytesOf(element))))

/** Whether the element is `[number]`. */
export const isTagged = (element: Element, number: number): boolean =>
  element.tagClass === Class.CONTEXT_SPECIFIC && Number(element.type) === number

/** How many bytes stand before the content: the tag and the length. */
const headerLength = (der: Buffer) => (der[1]! < 0x80 ? 2 : 2 + (der[1]! & 0x7f))

/** The first element inside `der`, which `decode` has read, byte for byte as it was written: what was signed must not be encoded anew. */
export function firstInside(der: Buffer): Buffer {
  const element = der.subarray(headerLength(der))
  const header = headerLength(element)
  const length = header === 2 ? element[1]! : element.readUIntBE(2, header - 2)
  return element.subarray(0, header + length)
}
