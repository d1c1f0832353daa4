import { randomUUID } from 'node:crypto'
import type { CloudCredentials } from '../cloud/carrier.ts'
import type { Context } from '../context.ts'
import { sealKey } from '../pki/authority.ts'
import { makeRsaKey } from '../pki/keys.ts'
import { joseAlgorithm, signJose } from '../pki/signature.ts'
import { canBe } from '../rules/accountLife.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import type { ExchangeCarrier, Synchronization } from '../rules/exchanges.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { type AccountRequest, checkAccountRequest } from '../rules/registrations.ts'
import type { Person } from '../rules/roles.ts'
import { findAccountAuthority, insertAccountAuthority } from '../storage/accountAuthorities.ts'
import type { Db } from '../storage/db.ts'
import { findLocalAccountByName, insertLocalAccount, lockLocalAccount } from '../storage/localAccounts.ts'
import { findDefaultLocalVirtualAccount, insertLocalVirtualAccount } from '../storage/localVirtualAccounts.ts'
import { getServerIdentity } from '../storage/serverIdentity.ts'
import { cancelOutstandingSynchronization, insertSynchronization } from '../storage/synchronizations.ts'
import { deleteUploadedResponse } from '../storage/uploadedResponses.ts'
import { sealContainer } from '../wire/container.ts'
import { keepCloudCredentials } from './cloudCredentials.ts'
import { openCertifiedKeys, writeCertificateRequests } from './parts/certificates.ts'
import { requestMembers } from './requestMembers.ts'

export type Registration = AccountRequest & { credentials?: CloudCredentials | undefined }

/**
 * Makes the Local Account, unless it was requested before, with its keys, and writes its registration request: nothing leaves before its
 * row is there. "`local_account_id` is minted here before the request." What is asked for stands in the request alone: the account stays as it
 * was until the cloud says yes. Refuses a name that a registered account has.
 */
export async function prepareRegistration(
  context: Context,
  who: Person,
  registration: Registration,
  carrier: ExchangeCarrier,
): Promise<Synchronization> {
  const asked = checkAccountRequest(registration)
  const keys = await Promise.all([makeRsaKey(), makeRsaKey()])
  return context.storage.transaction(async tx => {
    const now = context.clock.now()
    const account = await openAccount(tx, who, asked, now)
    if (registration.credentials) await keepCloudCredentials(context, tx, account.id, registration.credentials, who.name)
    if (!(await findAccountAuthority(tx, account.id))) {
      await insertAccountAuthority(tx, {
        localAccountId: account.id,
        accountCaKey: sealKey(context.secrets, keys[0].privateKey, 'account CA key'),
        signingKey: sealKey(context.secrets, keys[1].privateKey, 'account signing key'),
      })
    }
    await cancelOutstandingSynchronization(tx, account.id, now)
    await deleteUploadedResponse(tx, account.id)
    return insertRequest(context, tx, account, { asked, carrier, requestedBy: who.name })
  })
}

/** The account that is to be registered, with its Default Local Virtual Account. */
async function openAccount(tx: Db, who: Person, asked: Required<AccountRequest>, now: Date): Promise<LocalAccount> {
  const known = await findLocalAccountByName(tx, asked.name)
  refuseUnless(!known || canBe('register', known), 'CONFLICT', `The Local Account ${asked.name} is registered already.`, 'name')
  const account = known
    ? await lockLocalAccount(tx, known.id)
    : await insertLocalAccount(tx, {
        uuid: randomUUID(),
        name: asked.name,
        state: 'requested',
        smartAccount: { id: null, name: asked.smartAccount },
        virtualAccount: { id: null, name: asked.virtualAccount },
        notificationEmail: asked.notificationEmail,
        message: asked.message,
        requestedBy: who.name,
        requestedAt: now,
      })
  if (!(await findDefaultLocalVirtualAccount(tx, account.id))) {
    await insertLocalVirtualAccount(tx, { localAccountId: account.id, name: 'Default', isDefault: true, createdAt: now })
  }
  return account
}

/** "Signed with the key of `account_ca_csr` (x5c absent, `jwk`-free: the verifier takes the key from the CSR)." */
async function insertRequest(
  context: Context,
  tx: Db,
  account: LocalAccount,
  { asked, ...origin }: { asked: Required<AccountRequest>; carrier: ExchangeCarrier; requestedBy: string },
): Promise<Synchronization> {
  const now = context.clock.now()
  const identity = await getServerIdentity(tx)
  const keys = openCertifiedKeys(context, (await findAccountAuthority(tx, account.id))!, identity)
  const payload = {
    type: 'registration-request' as const,
    ...requestMembers(account, identity.serverUuid, now),
    smart_account: { id: null, name: asked.smartAccount },
    virtual_account: { id: null, name: asked.virtualAccount },
    sequence: 0,
    prev_hash: null,
    ...(await writeCertificateRequests(keys, account, identity.serverUuid)),
    token_policy: null,
  }
  const alg = joseAlgorithm(keys.accountCa)
  const sealed = await sealContainer({ typ: payload.type, kid: null, alg, payload }, data => signJose(keys.accountCa, data))
  return insertSynchronization(tx, {
    localAccountId: account.id,
    kind: 'registration',
    reason: 'REGISTRATION',
    sequence: 0,
    requestId: payload.request_id,
    nonce: payload.nonce,
    requestHash: sealed.payloadHash,
    request: sealed.text,
    createdAt: now,
    summary: { asked },
    ...origin,
  })
}
