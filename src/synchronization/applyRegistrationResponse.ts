import type { Context } from '../context.ts'
import { findAccountAuthority } from '../storage/accountAuthorities.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { updateLocalAccount } from '../storage/localAccounts.ts'
import { getServerIdentity } from '../storage/serverIdentity.ts'
import { finishSynchronization } from '../storage/synchronizations.ts'
import type { RegistrationResponsePayload } from '../wire/exchange/registrationResponse.ts'
import type { Answer } from './applySynchronization.ts'
import { applyCatalog } from './parts/catalog.ts'
import { applyCertificates } from './parts/certificates.ts'
import { applyEntitlements } from './parts/entitlements.ts'

/** Makes the account a registered one: "the cloud's response (certificates for 365 days, entitlements, catalog)". */
export async function applyRegistrationResponse(
  context: Context,
  tx: Db,
  { account, exchange, response, who, now }: Answer,
  payload: RegistrationResponsePayload,
): Promise<void> {
  const holders = { account, authority: (await findAccountAuthority(tx, account.id))!, identity: await getServerIdentity(tx) }
  await applyCertificates(context, tx, holders, {
    accountCa: payload.account_ca_cert,
    serverSigner: payload.server_signing_cert,
    subCas: payload.sub_ca_certs,
    threeTier: payload.three_tier_cert,
  })
  await updateLocalAccount(tx, account.id, {
    state: 'registered',
    registeredAt: now,
    smartAccount: payload.smart_account,
    virtualAccount: payload.virtual_account,
    lastSynchronizedAt: now,
    nextSynchronizationAt: new Date(payload.next_sync_due),
    sequence: payload.sequence,
    chainHash: response.payloadHash,
  })
  await applyCatalog(tx, payload.catalog, now)
  const entitlements = await applyEntitlements(tx, account, payload.entitlements.all, now)
  await finishSynchronization(tx, exchange, {
    state: 'applied',
    response: response.text,
    summary: { ...exchange.summary, entitlements },
    at: now,
  })
  await recordEvent(tx, {
    localAccountId: account.id,
    at: now,
    kind: 'account registered',
    message: `${account.name} was registered with ${payload.smart_account.name} / ${payload.virtual_account.name}.`,
    who: who.name,
  })
}
