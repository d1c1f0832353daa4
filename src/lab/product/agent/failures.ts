/** The codes of an agent (2.4) for what can go wrong between a product and its server. */
export const failureCodes = {
  cannotParse: 17,
  wrongInstance: 28,
  wrongNonce: 30,
  cannotSend: 32,
  noReply: 33,
  wrongSignature: 45,
  untrustedSigner: 47,
  untrustedIdCertificate: 48,
  unreadableCertificate: 49,
  noTrustChain: 99,
  wrongEntitlementVersion: 122,
  wrongVersion: 127,
} as const

/**
 * "A reply that fails any of these, or is unsigned, is a communication failure (retry), never a state change" (5.2). `retryAfter` is the
 * number of seconds after which something on the way asked to be tried again.
 */
export class CommunicationFailure extends Error {
  readonly code: number
  readonly retryAfter: number | undefined

  constructor(kind: keyof typeof failureCodes, sentence: string, retryAfter?: number) {
    super(sentence)
    this.name = 'CommunicationFailure'
    this.code = failureCodes[kind]
    this.retryAfter = retryAfter
  }
}
