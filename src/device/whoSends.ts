import { findHeldRegistration, type HeldRegistration } from '../licensing/holdRegistration.ts'
import { presentToken } from '../licensing/presentToken.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import { accountNumberIn } from '../rules/identifiers.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import type { EarlierReply } from '../storage/replies.ts'
import type { AccountState, Sender } from '../storage/senders.ts'
import type { RequestEnvelope } from '../wire/envelope.ts'
import type { Door } from './message.ts'

/**
 * Whom a message says it comes from. It is read and not believed: the account is needed to know who signs whatever the answer will be, and
 * the rest is what steps 7 to 9 hold the message against.
 */
export type Claim =
  | { kind: 'instance'; account: AccountState | undefined; sender: Sender | undefined; earlier: EarlierReply | undefined }
  | { kind: 'applicant'; account: LocalAccount | undefined; token: RegistrationToken | undefined }
  | { kind: 'waiting'; account: LocalAccount | undefined; poll: HeldRegistration | undefined }
  | { kind: 'nobody'; account: undefined }

/** Looks up whom the message names: its instance, the token it presents, or the registration that it waits for. Writes nothing. */
export function whoSends(door: Door, { header, data, signature }: RequestEnvelope): Promise<Claim> {
  const id = header.product_instance_identifier
  if (header.request_type === 'REGISTRATION') return applicant(door, data.id_token)
  if (header.request_type === 'HELLO' && signature === null) return nobody
  if (id !== null) return instance(door, id, header.id_cert_serial_number, header.nonce)
  return header.request_type === 'POLL' ? waiting(door, data.poll_id) : nobody
}

const nobody: Promise<Claim> = Promise.resolve({ kind: 'nobody', account: undefined })

/** The account is the one whose number the identifier carries, and the instance is looked for within it alone (wire-device 5.11). */
async function instance(door: Door, productInstanceId: string, certificateSerial: string | null, nonce: string): Promise<Claim> {
  const localAccountId = accountNumberIn(productInstanceId)
  if (localAccountId === undefined || certificateSerial === null) {
    return { kind: 'instance', account: undefined, sender: undefined, earlier: undefined }
  }
  return { kind: 'instance', ...(await door.lanes.senders.submit({ localAccountId, productInstanceId, certificateSerial, nonce })) }
}

/** Whoever does not hold the whole token learns nothing of the account it would open, not even that there is one. */
async function applicant(door: Door, text: unknown): Promise<Claim> {
  const token = typeof text === 'string' ? await presentToken(door.context, text, door.lanes.tokens.submit) : undefined
  return { kind: 'applicant', token, account: token && (await door.lanes.accounts.submit(token.localAccountId)) }
}

async function waiting(door: Door, pollId: unknown): Promise<Claim> {
  const poll =
    typeof pollId === 'number' && Number.isSafeInteger(pollId) ? await findHeldRegistration(door.context.storage.db, pollId) : undefined
  return { kind: 'waiting', poll, account: poll && (await door.lanes.accounts.submit(poll.localAccountId)) }
}
