import { publicKeyPem } from '../../../pki/keys.ts'
import type { RegistrationRequestPayload } from '../../../wire/exchange/registrationRequest.ts'
import { refuseUnless } from '../refusal.ts'
import { hashOf } from '../secrets.ts'
import { createVirtualAccount, findSmartAccount, findVirtualAccountOf, type SmartAccount, type VirtualAccount } from '../store/accounts.ts'
import type { Authorities } from '../store/authorities.ts'
import { readCatalog } from '../store/catalog.ts'
import type { Db } from '../store/database.ts'
import { findRegistration, findRegistrationOf, putRegistration, putServer, type Registration, wasSeen } from '../store/registrations.ts'
import { certify, requestedKey } from './certify.ts'
import { ownedEntitlements, tellEntitlements } from './entitlements.ts'
import type { OpenedRequest } from './openRequest.ts'
import { nextSynchronization, responseMembers, sealResponse } from './respond.ts'

type Request = OpenedRequest & { payload: RegistrationRequestPayload }

/** Who submits a request: an OAuth client for one Smart Account or for all, or a person. */
export type Submitter = { smartAccountId: number | null }

/**
 * Registers a Local Account with a Virtual Account and gives the response. "The Smart Account must exist in the cloud; a missing Virtual Account
 * is created; one that holds products or is linked elsewhere is refused (`VIRTUAL_ACCOUNT_IN_USE`)." The same request again gets the same
 * response, and so does, before the first synchronization, another request of the same account with the same key.
 */
export async function register(db: Db, authorities: Authorities, request: Request, submitter: Submitter, now: Date): Promise<string> {
  const { payload, payloadHash } = request
  refuseUnless(payload.sequence === 0, 'REQUEST_MISMATCH', 'A registration has the number 0.')
  refuseUnless(now.getTime() <= payload.not_after, 'FILE_EXPIRED', 'The time of this request has passed. Make a new one.')
  const known = findRegistration(db, payload.local_account_id)
  if (known?.lastRequestHash === payloadHash) return known.lastResponse
  refuseUnless(!known || !wasSeen(db, known.id, payloadHash), 'FILE_REPLAYED', 'This request has been answered before.')
  const smartAccount = findSmartAccountFor(db, payload, submitter)
  const virtualAccount = findOrCreate(db, smartAccount, payload, now)
  refuseInUse(db, virtualAccount, request, known)

  putServer(db, payload.server_uuid, payload.server_version, now)
  const catalog = readCatalog(db)
  const registration = {
    serverUuid: payload.server_uuid,
    localAccountId: payload.local_account_id,
    localAccountName: payload.local_account_name,
    virtualAccountId: virtualAccount.id,
    organization: known?.organization ?? smartAccount.name,
    accountCaKey: request.accountCaKey,
    serverSigningKey: publicKeyPem(requestedKey(payload.server_signing_csr)),
    registeredAt: now.getTime(),
    synchronizedAt: now.getTime(),
    lastSequence: 0,
    lastRequestHash: payloadHash,
    catalogHash: hashOf(JSON.stringify(catalog)),
    reported: '{}',
  }
  const id = putRegistration(db, { ...registration, lastResponse: '', chainHash: '' })
  const { news } = tellEntitlements(db, id, ownedEntitlements(db, virtualAccount.id, now), true)
  const sealed = await sealResponse(authorities, {
    type: 'registration-response',
    ...responseMembers(db, request, virtualAccount.id, now),
    ...(await certify(authorities, { ...registration, itsTime: new Date(payload.created_at) }, now)),
    entitlements: news as Extract<typeof news, { all: unknown }>,
    catalog,
    policy: null,
    three_tier_cert: null,
    next_sync_due: nextSynchronization(now),
  })
  putRegistration(db, { ...registration, lastResponse: sealed.text, chainHash: sealed.payloadHash })
  return sealed.text
}

function findSmartAccountFor(db: Db, payload: RegistrationRequestPayload, submitter: Submitter): SmartAccount {
  const found = findSmartAccount(db, payload.smart_account)
  refuseUnless(found, 'WRONG_ACCOUNT', `There is no Smart Account ${payload.smart_account.name} in the cloud. Check its name.`)
  const isAllowed = submitter.smartAccountId === null || submitter.smartAccountId === found.id
  refuseUnless(isAllowed, 'WRONG_ACCOUNT', `Whoever asks may not register with the Smart Account ${found.name}.`)
  return found
}

function findOrCreate(db: Db, { id }: SmartAccount, { virtual_account: wish }: RegistrationRequestPayload, now: Date): VirtualAccount {
  const found = findVirtualAccountOf(db, id, wish)
  refuseUnless(found || wish.id === null, 'WRONG_ACCOUNT', `The Smart Account has no Virtual Account with the id ${wish.id}.`)
  return found ?? createVirtualAccount(db, id, wish.name, now)
}

/** A server that lost the first answer asks again; it is known by its account CA's key. */
function refuseInUse(db: Db, account: VirtualAccount, request: Request, known: Registration | undefined): void {
  const holder = findRegistrationOf(db, account.id)
  const asksAgain =
    holder?.localAccountId === request.payload.local_account_id &&
    holder.serverUuid === request.payload.server_uuid &&
    holder.accountCaKey === request.accountCaKey &&
    holder.lastSequence === 0
  const inUse = `The Virtual Account ${account.name} is linked to the Local Account ${holder?.localAccountName} of another registration.`
  refuseUnless(!holder || asksAgain, 'VIRTUAL_ACCOUNT_IN_USE', `${inUse} Choose another, or remove that registration in the cloud.`)
  refuseUnless(!known || asksAgain, 'VIRTUAL_ACCOUNT_IN_USE', 'This Local Account is linked to another Virtual Account already.')
  const direct = `The Virtual Account ${account.name} holds ${account.directProducts} products that are registered with the cloud itself.`
  refuseUnless(account.directProducts === 0, 'VIRTUAL_ACCOUNT_IN_USE', `${direct} Choose another, or remove them.`)
}
