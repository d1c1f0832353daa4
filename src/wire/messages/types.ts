/** The messages this side knows (5.5). */
export const requestTypes = [
  'REGISTRATION',
  'REGISTRATION_ACK',
  'ID_CERT_RENEWAL',
  'AUTHORIZATION',
  'DEREGISTRATION',
  'POLL',
  'DLC',
  'HELLO',
] as const
export type RequestType = (typeof requestTypes)[number]

const known: ReadonlySet<string> = new Set(requestTypes)
export const isRequestType = (name: string): name is RequestType => known.has(name)
