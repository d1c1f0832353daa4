import { type KeyObject, X509Certificate } from 'node:crypto'
import type { Receipt } from '../licensing/answerOnce.ts'
import { expireProductInstance } from '../licensing/expireProductInstances.ts'
import type { HeldRegistration } from '../licensing/holdRegistration.ts'
import { readCertificateRequest } from '../pki/certificateRequest.ts'
import { verifyNow } from '../pki/signature.ts'
import { accountInForce, type LocalAccount } from '../rules/accounts.ts'
import { accountNumberIn } from '../rules/identifiers.ts'
import { clockSkew } from '../rules/lifetimes.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import type { EarlierReply } from '../storage/replies.ts'
import type { AccountState, Sender } from '../storage/senders.ts'
import { findTombstone } from '../storage/tombstones.ts'
import { type RequestEnvelope, refuseUnequalNonces, requestTypeOf, versionIsKnown } from '../wire/envelope.ts'
import { Malformed } from '../wire/malformed.ts'
import type { RequestType } from '../wire/messages/types.ts'
import { sudiKey } from '../wire/udi.ts'
import type { Door, Message } from './message.ts'
import { VersionTooHigh } from './refusals.ts'
import type { Claim } from './whoSends.ts'

/** What is known of every sender but nobody. `receipt` is by what the message is known again. */
type Known<Account> = { type: RequestType; account: Account | undefined; receipt: Receipt }

/** Who a message comes from, now that its signature is checked. */
export type Verified =
  | ({ kind: 'instance'; sender: Sender; earlier: EarlierReply | undefined } & Known<AccountState>)
  | ({ kind: 'applicant'; token: RegistrationToken | undefined; publicKey: KeyObject } & Known<LocalAccount>)
  | ({ kind: 'waiting'; poll: HeldRegistration; publicKey: KeyObject } & Known<LocalAccount>)
  | { kind: 'nobody'; type: RequestType; account: undefined }

/**
 * Steps 4 to 9 of wire-device 5.3, in the contract's order: the first that fails is the answer. Nothing is written, but for an ended
 * certificate that is met, which is a fact of ours and none of the message's.
 */
export async function checkMessage(door: Door, message: Message, claim: Claim): Promise<Verified> {
  const { envelope, receivedAt } = message
  const type = checkEnvelope(message)
  // 7. An account in force, and the key that must have signed.
  refuseUnless(!claim.account || accountInForce(claim.account, receivedAt), 'ACCOUNT_EXPIRED', 'The account has expired.', 'account')
  const verified = await identify(door, envelope, claim, type, receivedAt)
  if (verified.kind === 'nobody') return verified
  // 8. Its signature.
  const isSigned = envelope.signature !== null && verifyNow(keyOf(verified), envelope.request, envelope.signature)
  refuseUnless(isSigned, 'BAD_SIGNATURE', 'The message signature is not valid.', 'signature')
  // 9. The device that the identity belongs to.
  refuseUnlessSameDevice(envelope, verified)
  return verified
}

/** Steps 4 to 6, which need nothing but the message. Gives its type. */
export function checkEnvelope({ envelope, receivedAt }: Pick<Message, 'envelope' | 'receivedAt'>): RequestType {
  // 4. A version that we speak.
  if (!versionIsKnown(envelope)) throw new VersionTooHigh()
  // 5. A message that we know, with the identity that its type must have.
  const type = requestTypeOf(envelope)
  // 6. One nonce in all three places, and a clock that is right within the hour.
  refuseUnequalNonces(envelope)
  refuseUnlessFresh(envelope, receivedAt)
  return type
}

function refuseUnlessFresh({ common }: RequestEnvelope, now: Date): void {
  const isFresh = Math.abs(common.timestamp - now.getTime()) <= clockSkew
  refuseUnless(isFresh, 'CLOCK_SKEW', 'The message time differs from the server time by more than an hour.', 'timestamp')
}

/** What of the claim holds: the instance has such a certificate, the request for one is sound, the poll is known. */
async function identify(door: Door, envelope: RequestEnvelope, claim: Claim, type: RequestType, now: Date): Promise<Verified> {
  const receiptOf = (localAccountId: number, sender: string): Receipt => ({
    localAccountId,
    sender: Buffer.from(sender, 'hex'),
    nonce: envelope.nonce,
    requestHash: Buffer.from(envelope.requestHash, 'hex'),
  })
  switch (claim.kind) {
    case 'instance': {
      const sender = await certifiedSender(door, envelope, claim.sender, now)
      const { localAccountId, id } = sender.instance
      return { ...claim, type, sender, receipt: receiptOf(localAccountId, id.replaceAll('-', '')) }
    }
    case 'applicant': {
      const { publicKey, publicKeyHash } = readCertificateRequest(requestedCertificate(envelope))
      return { ...claim, type, publicKey, receipt: receiptOf(0, publicKeyHash) }
    }
    case 'waiting': {
      const { poll } = claim
      const isTheirs = poll?.request.application.devices.some(device => sudiKey(device.sudi) === sudiKey(envelope.header.sudi))
      refuseUnless(poll && isTheirs, 'UNKNOWN_POLL', 'The poll is not known.', 'poll_id')
      const { publicKey, publicKeyHash } = readCertificateRequest(poll.request.csr)
      return { ...claim, type, poll, publicKey, receipt: receiptOf(0, publicKeyHash) }
    }
    case 'nobody':
      return { ...claim, type }
  }
}

/** "instance exists, ID cert serial is the instance's current or previous-until-ack one, chain, not after now": its row here is its chain. */
async function certifiedSender(door: Door, { header }: RequestEnvelope, sender: Sender | undefined, now: Date): Promise<Sender> {
  if (!sender) {
    await tellWhyUnknown(door, String(header.product_instance_identifier))
    throw new Refusal('UNKNOWN_INSTANCE', 'The product instance is not known.', 'product_instance_identifier')
  }
  if (sender.certificate.notAfter > now) return sender
  const { localAccountId, id: productInstanceId, state } = sender.instance
  if (state !== 'EXPIRED') await expireProductInstance(door.context, { localAccountId, productInstanceId })
  throw new Refusal('ID_CERT_EXPIRED', 'The ID certificate has expired.', 'id_cert_serial_number')
}

/** "tombstone 90 d so that a late message gets UNKNOWN_INSTANCE with a true reason in the log": no louder than debug, because nobody has signed yet. */
async function tellWhyUnknown({ context }: Door, productInstanceId: string): Promise<void> {
  if (!context.log.isLevelEnabled('debug')) return
  const localAccountId = accountNumberIn(productInstanceId)
  const tombstone = localAccountId && (await findTombstone(context.storage.db, localAccountId, productInstanceId))
  const reason = tombstone
    ? `${tombstone.name} was removed: ${tombstone.reason}`
    : 'There never was such an instance with such a certificate.'
  context.log.debug({ productInstanceId, reason }, 'A message came from an unknown instance')
}

function requestedCertificate({ data }: RequestEnvelope): string {
  if (typeof data.csr !== 'string') throw new Malformed('csr', 'Is required.')
  return data.csr
}

const keyOf = (verified: Exclude<Verified, { kind: 'nobody' }>): KeyObject =>
  verified.kind === 'instance' ? new X509Certificate(verified.sender.certificate.der).publicKey : verified.publicKey

function refuseUnlessSameDevice({ header, common }: RequestEnvelope, verified: Verified): void {
  const [claimed, repeated] = [sudiKey(header.sudi), sudiKey(common.sudi)]
  const isListed = verified.kind !== 'instance' || verified.sender.instance.devices.some(device => sudiKey(device.sudi) === claimed)
  refuseUnless(isListed && claimed === repeated, 'SUDI_MISMATCH', 'The device identity does not match the instance.', 'sudi')
}
