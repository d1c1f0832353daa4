import type { Context } from '../context.ts'
import { followThreeTier } from '../licensing/awaitThreeTier.ts'
import { reasonAfter, synchronizedAt } from '../rules/exchanges.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { findAccountAuthority } from '../storage/accountAuthorities.ts'
import { acceptPeaks } from '../storage/authorizations.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { updateLocalAccount } from '../storage/localAccounts.ts'
import { acceptSentProductInstances } from '../storage/reportedProductInstances.ts'
import { deleteResynchronization, putResynchronization } from '../storage/resynchronizations.ts'
import { getServerIdentity } from '../storage/serverIdentity.ts'
import { finishSynchronization } from '../storage/synchronizations.ts'
import type { Entitlement } from '../wire/exchange/entitlements.ts'
import type { SyncResponsePayload } from '../wire/exchange/syncResponse.ts'
import type { Answer } from './applySynchronization.ts'
import { applyCatalog } from './parts/catalog.ts'
import { applyCertificates } from './parts/certificates.ts'
import { applyCommands } from './parts/commands.ts'
import { applyConversions } from './parts/conversions.ts'
import { applyEntitlements, entitlementsAddUp, entitlementsAfter } from './parts/entitlements.ts'

/**
 * Applies the answer to a synchronization, if the cloud has applied the request; and remembers a full one that it asks for. "A
 * `FULL_SYNC_REQUIRED` answer to a request that was not applied leaves `last_seq` unchanged; one with `MISMATCH` (applied first) advances it."
 */
export async function applySyncResponse(context: Context, tx: Db, answer: Answer, payload: SyncResponsePayload): Promise<void> {
  refuseUnless(payload.status !== 'OK' || payload.entitlements, 'FILE_MALFORMED', 'The response does not say what the account owns.')
  if (payload.status === 'REJECTED' || payload.entitlements === null) return refuseByCloud(tx, answer, payload)
  const after = await entitlementsAfter(tx, answer.account.id, payload.entitlements)
  if (!entitlementsAddUp(after, payload.entitlements_digest)) return doubtEntitlements(tx, answer, payload)
  await applyOk(context, tx, answer, payload, after)
  if (payload.status === 'FULL_SYNC_REQUIRED') await rememberFull(tx, answer, payload)
}

async function applyOk(context: Context, tx: Db, answer: Answer, payload: SyncResponsePayload, after: Entitlement[]): Promise<void> {
  const { account, exchange, response, who, now } = answer
  // What takes long, and what takes instances, comes before the locks that products' reports wait for.
  await acceptSentProductInstances(tx, account.id)
  const commands = await applyCommands(tx, account, payload.commands, now)
  await renewCertificates(context, tx, answer, payload)
  await updateLocalAccount(tx, account.id, {
    smartAccount: payload.smart_account,
    virtualAccount: payload.virtual_account,
    lastSynchronizedAt: synchronizedAt(exchange, payload.created_at, now),
    nextSynchronizationAt: payload.next_sync_due === null ? null : new Date(payload.next_sync_due),
    sequence: payload.sequence,
    chainHash: response.payloadHash,
  })
  if (payload.catalog) await applyCatalog(tx, payload.catalog, now)
  const entitlements = await applyEntitlements(tx, account, after, now)
  await applyConversions(tx, account.id, payload.conversions, now)
  await followThreeTier(tx, account.id, payload.three_tier_cert !== null, now)
  // The lock is held: what is purchased was counted anew.
  await acceptPeaks(tx, account.id)
  await deleteResynchronization(tx, account.id)
  await finishSynchronization(tx, exchange, {
    state: 'applied',
    code: payload.message_code,
    message: payload.message,
    response: response.text,
    summary: { ...exchange.summary, entitlements, ...(commands > 0 && { commands }) },
    at: now,
  })
  await recordEvent(tx, {
    localAccountId: account.id,
    at: now,
    kind: 'synchronization',
    message: `${account.name} was synchronized with the cloud (${exchange.kind}, number ${exchange.sequence}).`,
    who: who.name,
  })
}

async function renewCertificates(context: Context, tx: Db, { account }: Answer, payload: SyncResponsePayload): Promise<void> {
  const { account_ca_cert, server_signing_cert, sub_ca_certs } = payload
  refuseUnless(account_ca_cert && server_signing_cert, 'FILE_MALFORMED', 'The response lacks the certificates for the next 365 days.')
  const authority = (await findAccountAuthority(tx, account.id))!
  const holders = { account, authority, identity: await getServerIdentity(tx) }
  await applyCertificates(context, tx, holders, {
    accountCa: account_ca_cert,
    serverSigner: server_signing_cert,
    subCas: sub_ca_certs ?? authority.subCaCertificates,
    threeTier: payload.three_tier_cert,
  })
}

/** The cloud has not applied the request: the exchange ends with its sentence. */
async function refuseByCloud(tx: Db, answer: Answer, payload: SyncResponsePayload): Promise<void> {
  if (payload.status === 'FULL_SYNC_REQUIRED') await rememberFull(tx, answer, payload)
  const message = payload.message ?? 'The cloud has not accepted this synchronization.'
  await endRefused(tx, answer, payload.message_code ?? payload.status, message)
}

const rememberFull = (tx: Db, { account }: Answer, payload: SyncResponsePayload) =>
  putResynchronization(tx, account.id, {
    reason: reasonAfter(payload.message_code),
    lastSequence: payload.last_seq,
    token: payload.resync_token,
  })

/** "entitlement digest": what the changes make of what is known here is not what the cloud has. Nothing is applied, the next one is full. */
async function doubtEntitlements(tx: Db, answer: Answer, payload: SyncResponsePayload): Promise<void> {
  refuseUnless(payload.sync_type === 'standard', 'FILE_MALFORMED', 'What the file says the account owns does not agree with its digest.')
  await putResynchronization(tx, answer.account.id, { reason: 'MISMATCH', lastSequence: null, token: null })
  await endRefused(tx, answer, 'MISMATCH', 'The cloud and this server disagree on what the account owns: a full synchronization is needed.')
}

async function endRefused(tx: Db, { account, exchange, response, who, now }: Answer, code: string, message: string): Promise<void> {
  await finishSynchronization(tx, exchange, { state: 'refused', code, message, response: response.text, at: now })
  await recordEvent(tx, { localAccountId: account.id, at: now, kind: 'synchronization', message, who: who.name })
}
