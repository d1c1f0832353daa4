/**
 * Identifiers of what belongs to a Local Account: UUIDv8 (RFC 9562, 5.8) of a millisecond time, a version, random bits and, in the last
 * eight digits, the account's number. The time in front keeps a table's newest rows together; the number at the end lets anyone who
 * holds the identifier go straight to the account's rows.
 */
export function mintIdentifier(accountNumber: number, now: Date, random: Uint8Array): string {
  const time = now.getTime().toString(16).padStart(12, '0').slice(-12)
  const bits = [...random].map(byte => byte.toString(16).padStart(2, '0')).join('')
  if (bits.length < 14) throw new RangeError('An identifier needs seven random bytes.')
  const variant = (8 + (random[6]! & 3)).toString(16)
  const account = accountNumber.toString(16).padStart(8, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-8${bits.slice(0, 3)}-${variant}${bits.slice(3, 6)}-${bits.slice(6, 10)}${account}`
}

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** The account's number in an identifier, or undefined where the text is no identifier of ours. */
export function accountNumberIn(identifier: string): number | undefined {
  if (!shape.test(identifier)) return undefined
  const number = Number.parseInt(identifier.slice(-8), 16)
  return number > 0 && number <= 0x7fffffff ? number : undefined
}

/** Whether a text has the form of a UUID: what a database may be asked for as one. */
export const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
