/** The codes a refusal can carry: those of the device wire (5.7), of the cloud wire (7.5), and the ones pages and scripts meet. */
export type RefusalCode =
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
  | 'ACCOUNT_EXPIRED'
  | 'UNKNOWN_POLL'
  | 'TLS_REQUIRED'
  | 'FILE_MALFORMED'
  | 'FILE_TOO_LARGE'
  | 'UNTRUSTED_CERT'
  | 'CERT_EXPIRED'
  | 'WRONG_TYPE'
  | 'WRONG_ACCOUNT'
  | 'WRONG_SERVER'
  | 'FILE_OLD'
  | 'FILE_SAME'
  | 'FILE_REPLAYED'
  | 'FILE_EXPIRED'
  | 'NO_PENDING_REQUEST'
  | 'REQUEST_MISMATCH'
  | 'UNSUPPORTED_VERSION'
  | 'VIRTUAL_ACCOUNT_IN_USE'
  | 'CLOUD_UNREACHABLE'
  | 'CLOUD_REFUSED'
  | 'MAIL_NOT_SENT'
  | 'NOT_DELIVERED'
  | 'NOT_SIGNED_IN'
  | 'NOT_ALLOWED'
  | 'NOT_FOUND'
  | 'INVALID'
  | 'CONFLICT'
  | 'TOO_MANY'

/**
 * A rule said no: a code for programs and a sentence for people. Everything else that is thrown is a fault.
 * `field` names what the sentence is about, as the door that shows it calls it.
 */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly field: string | undefined

  constructor(code: RefusalCode, sentence: string, field?: string) {
    super(sentence)
    this.name = 'Refusal'
    this.code = code
    this.field = field
  }
}

/** Refuses with `code` and `sentence` unless `condition` holds. */
export function refuseUnless(condition: unknown, code: RefusalCode, sentence: string, field?: string): asserts condition {
  if (!condition) throw new Refusal(code, sentence, field)
}
