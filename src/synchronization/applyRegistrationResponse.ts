import type { Context } from '../context.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import { type Synchronization, synchronizedAt } from '../rules/exchanges.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { findAccountAuthority } from '../storage/accountAuthorities.ts'
import { clearAlert } from '../storage/alerts.ts'
import type { Db } from '../storage/db.ts'
import { recordEvents } from '../storage/events.ts'
import { findLinkedAccount, updateLocalAccount } from '../storage/localAccounts.ts'
import { accountRequestAlert } from '../storage/requestAlerts.ts'
import { insertRoleAssignment, listRolesOf } from '../storage/roleAssignments.ts'
import { getServerIdentity } from '../storage/serverIdentity.ts'
import { deleteSessionsOf } from '../storage/sessions.ts'
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
  await refuseLinked(tx, account, payload)
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
    ...whoIsTold(exchange),
    smartAccount: payload.smart_account,
    virtualAccount: payload.virtual_account,
    lastSynchronizedAt: synchronizedAt(exchange, payload.created_at, now),
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
  await giveToRequester(tx, account)
  await clearAlert(tx, accountRequestAlert(account), now)
  const message = `${account.name} was registered with ${payload.smart_account.name} / ${payload.virtual_account.name}.`
  const event = { at: now, kind: 'account registered' as const, message, who: who.name }
  await recordEvents(
    tx,
    [account.id, 0].map(localAccountId => ({ ...event, localAccountId })),
  )
}

/** The Virtual Account was linked to another account of this server, and its registration was taken away in the cloud. */
async function refuseLinked(tx: Db, account: LocalAccount, { virtual_account }: RegistrationResponsePayload): Promise<void> {
  const other = await findLinkedAccount(tx, virtual_account.id ?? '', account.id)
  refuseUnless(
    !other,
    'VIRTUAL_ACCOUNT_IN_USE',
    `The Local Account ${other?.name} of this server is still linked to the Virtual Account ${virtual_account.name}. Deactivate it first.`,
  )
}

/** What the registration said of mail and message holds from now on; what it left open stays. */
function whoIsTold({ summary: { asked } }: Synchronization): Pick<Partial<LocalAccount>, 'notificationEmail' | 'message'> {
  return {
    ...(asked?.notificationEmail && { notificationEmail: asked.notificationEmail }),
    ...(asked?.message && { message: asked.message }),
  }
}

/** Whoever asked for the account manages it, unless a role of the server lets them already. "New id … at any change of rights". */
async function giveToRequester(tx: Db, { id, requesterId }: LocalAccount): Promise<void> {
  if (requesterId === null) return
  const roles = await listRolesOf(tx, requesterId)
  if (roles.some(role => role.startsWith('system-'))) return
  await insertRoleAssignment(tx, requesterId, { role: 'smart-account-administrator', localAccountId: id })
  await deleteSessionsOf(tx, requesterId)
}
