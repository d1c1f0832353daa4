import { type Malformed, messageText } from './malformed.ts'
import type { Sudi } from './udi.ts'

/** Every code of 5.7. */
export type MessageCode =
  | 'TOKEN_INVALID'
  | 'TOKEN_EXPIRED'
  | 'TOKEN_USAGE_EXCEEDED'
  | 'ALREADY_REGISTERED'
  | 'UNKNOWN_INSTANCE'
  | 'BAD_SIGNATURE'
  | 'ID_CERT_EXPIRED'
  | 'MALFORMED'
  | 'REPLAY'
  | 'CLOCK_SKEW'
  | 'SUDI_MISMATCH'
  | 'NOT_CONSUMING'
  | 'STALE_USAGE'
  | 'DUPLICATE_REPORT'
  | 'ACCOUNT_EXPIRED'
  | 'VERSION_TOO_HIGH'
  | 'UNKNOWN_POLL'
  | 'SERVER_ERROR'
  | 'TLS_REQUIRED'

/** A FAILED answer: its code and its JSON text. */
export interface FailedAnswer {
  status: 'FAILED'
  message_code: MessageCode
  message: string
}

const failed = (message_code: MessageCode, field: string, sentence: string): FailedAnswer => ({
  status: 'FAILED',
  message_code,
  message: messageText(field, sentence),
})

/** A token as a reply repeats it: at most 64 characters, without the line break it was pasted with. */
const shown = (token: string) => [...token.trim()].slice(0, 64).join('')

/** Unknown, revoked or deleted: one answer for all three. */
export const tokenInvalid = (token: string) => failed('TOKEN_INVALID', 'token', `The token '${shown(token)}' is not valid.`)

export const tokenExpired = (token: string) => failed('TOKEN_EXPIRED', 'token', `The token '${shown(token)}' has expired.`)

export const tokenUsageExceeded = (token: string) =>
  failed('TOKEN_USAGE_EXCEEDED', 'token', `The token '${shown(token)}' has reached its maximum number of uses.`)

/** The same software tag and active sudi is registered in this account, and the request did not force. */
export const alreadyRegistered = (softwareTag: string, sudi: Pick<Sudi, 'udi_pid' | 'udi_serial_number' | 'uuid'>) =>
  failed('ALREADY_REGISTERED', 'sudi', `The product '${softwareTag}' and sudi containing ${sudiWords(sudi)} has already been registered.`)

const sudiWords = (sudi: Pick<Sudi, 'udi_pid' | 'udi_serial_number' | 'uuid'>) =>
  sudi.udi_pid === null ? `uuid:${sudi.uuid}` : `udi_serial_number:${sudi.udi_serial_number}, udi_pid:${sudi.udi_pid}`

/** Verbatim as agents know it: no space after "valid." */
export const unknownInstance = (id: string | null) =>
  failed(
    'UNKNOWN_INSTANCE',
    'product_instance_identifier',
    `The identity for the instance ${id} is not valid.Please re-register the instance.`,
  )

export const badSignature = () => failed('BAD_SIGNATURE', 'signature', 'The message signature is not valid.')

export const idCertExpired = (serialNumber: string) =>
  failed('ID_CERT_EXPIRED', 'id_cert_serial_number', `The ID certificate ${serialNumber} has expired. Please re-register the instance.`)

export const malformed = (error: Malformed): FailedAnswer => ({ status: 'FAILED', message_code: 'MALFORMED', message: error.text })

export const replay = () => failed('REPLAY', 'nonce', 'The nonce has already been used.')

export const clockSkew = () => failed('CLOCK_SKEW', 'timestamp', 'The message time differs from the server time by more than 3600 seconds.')

export const sudiMismatch = () => failed('SUDI_MISMATCH', 'sudi', 'The device identity does not match the instance.')

/** The one message that is a bare sentence and not JSON text, as it was captured. */
export const notConsuming = (): FailedAnswer => ({
  status: 'FAILED',
  message_code: 'NOT_CONSUMING',
  message: 'Product Instance is not consuming this tag',
})

/** A report older than the one that is stored. */
export const staleUsage = (reported: number, stored: number) =>
  failed('STALE_USAGE', 'entitlement_version', `The entitlement version ${reported} is lower than the current version ${stored}.`)

/** Every report of a usage message had been received before. */
export const duplicateReport = () => failed('DUPLICATE_REPORT', 'usage', 'All usage reports have already been received.')

/** The account's signing certificate ended: more than 365 days without synchronization. */
export const accountExpired = () =>
  failed('ACCOUNT_EXPIRED', 'account', 'The account has not synchronized for 365 days and must be registered again.')

export const unknownPoll = (pollId: number) => failed('UNKNOWN_POLL', 'poll_id', `The poll ${pollId} is not known.`)

/** Something broke: the number finds it in the log, and nothing else leaves. */
export const serverError = (correlationId: string) => failed('SERVER_ERROR', 'server', `Server error occurred: ${correlationId}`)

/** The server's setting wants TLS for messages that carry a token (5.9). */
export const tlsRequired = () => failed('TLS_REQUIRED', 'transport', 'This message must be sent over TLS.')

/** The highest version this side speaks, so that the agent can lower its own and send again. */
export const versionTooHigh = (highest: string) =>
  ({ status: 'VERSION_TOO_HIGH', message_code: 'VERSION_TOO_HIGH', message: messageText('version', highest) }) as const

/** The body of HTTP 413, unsigned. */
export const overSize = (): string => messageText('request', `The message exceeds ${LARGEST_MESSAGE} bytes.`)

/** The largest body of a device message, in both transports (5.0). */
export const LARGEST_MESSAGE = 3_145_728
