import { randomUUID } from 'node:crypto'
import { joseAlgorithm, signJose } from '../../../pki/signature.ts'
import { sealContainer } from '../../../wire/container.ts'
import { FORMAT_VERSION } from '../../../wire/exchange/common.ts'
import type { Payload } from '../../../wire/exchange/payloads.ts'
import { findSmartAccount, findVirtualAccount } from '../store/accounts.ts'
import type { Authorities } from '../store/authorities.ts'
import type { Db } from '../store/database.ts'
import type { OpenedRequest } from './openRequest.ts'

const day = 86_400_000
/** "default life 30 d" */
const responseLife = 30 * day
/** "synchronization advised: every 30 days" */
export const nextSynchronization = (now: Date): number => now.getTime() + 30 * day

/** The members that both responses have: those of the request, its hash, and the two accounts as they are called now. */
export function responseMembers(db: Db, { payload, payloadHash }: OpenedRequest, virtualAccountId: number, now: Date) {
  const virtualAccount = findVirtualAccount(db, virtualAccountId)!
  const smartAccount = findSmartAccount(db, { id: String(virtualAccount.smartAccountId), name: '' })!
  return {
    format_version: FORMAT_VERSION as typeof FORMAT_VERSION,
    server_uuid: payload.server_uuid,
    server_version: payload.server_version,
    local_account_id: payload.local_account_id,
    local_account_name: payload.local_account_name,
    smart_account: { id: String(smartAccount.id), name: smartAccount.name },
    virtual_account: { id: String(virtualAccount.id), name: virtualAccount.name },
    sequence: payload.sequence,
    prev_hash: payload.prev_hash,
    request_id: payload.request_id,
    nonce: payload.nonce,
    request_hash: payloadHash,
    created_at: now.getTime(),
    not_after: now.getTime() + responseLife,
  }
}

/** "the cloud's by its own signer", with the sub CA that vouches for it. */
export const sealResponse = (
  { signer, subCa }: Authorities,
  payload: Payload<'registration-response'> | Payload<'sync-response'>,
): Promise<{ text: string; payloadHash: string }> =>
  sealContainer(
    {
      typ: payload.type,
      kid: signer.certificate.serial,
      alg: joseAlgorithm(signer.privateKey),
      x5c: [signer.certificate, subCa].map(each => each.der.toString('base64')),
      payload,
    },
    data => signJose(signer.privateKey, data),
  )

/** The name of a poll: nobody can guess it. */
export const makePollId = (): string => randomUUID()
