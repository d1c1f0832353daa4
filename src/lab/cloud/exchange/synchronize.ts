import { publicKeyPem } from '../../../pki/keys.ts'
import type { SyncResponsePayload } from '../../../wire/exchange/syncResponse.ts'
import { strikes } from '../faults.ts'
import { refuseUnless } from '../refusal.ts'
import { hashOf } from '../secrets.ts'
import type { Authorities } from '../store/authorities.ts'
import { readCatalog } from '../store/catalog.ts'
import { takeCommands } from '../store/commands.ts'
import type { Db } from '../store/database.ts'
import { findRegistration, putRegistration, putServer, type Registration, wasSeen } from '../store/registrations.ts'
import { dropResyncTokens, findResyncToken } from '../store/resyncTokens.ts'
import { certify, certifyThreeTier, requestedKey } from './certify.ts'
import { convert } from './convert.ts'
import { ownedEntitlements, tellEntitlements } from './entitlements.ts'
import { askForFull, type No, nothing, refuseSynchronization, type SyncRequest } from './refuseSynchronization.ts'
import { takeReport } from './report.ts'
import { nextSynchronization, responseMembers, sealResponse } from './respond.ts'
import { judge } from './sequence.ts'

/** Takes a synchronization request of a registered account, by the table of 7.4, and gives the response. */
export async function synchronize(
  db: Db,
  authorities: Authorities,
  request: SyncRequest & { carrier: 'network' | 'file' },
  now: Date,
): Promise<string> {
  const { payload, payloadHash } = request
  const known = findKnown(db, request)
  const token = payload.resync_token
  const verdict = judge(
    known,
    {
      sequence: payload.sequence,
      hash: payloadHash,
      prevHash: payload.prev_hash,
      isFull: payload.sync_type === 'full',
      createdAt: payload.created_at,
      notAfter: payload.not_after,
      follows: request.carrier === 'file' ? known.synchronizedAt : undefined,
      wasSeen: wasSeen(db, known.id, payloadHash),
      tokenSequence: token === null ? undefined : findResyncToken(db, known.id, token),
    },
    now,
  )
  if (verdict.act === 'repeat') return known.lastResponse
  putServer(db, payload.server_uuid, payload.server_version, now)
  if (verdict.act === 'process' && strikes(db, 'askForFull')) return refuseSynchronization(db, authorities, request, known, asked, now)
  if (verdict.act === 'process') return accept(db, authorities, request, known, now)
  return refuseSynchronization(db, authorities, request, known, verdict, now)
}

function findKnown(db: Db, { payload, accountCaKey }: SyncRequest): Registration {
  const known = findRegistration(db, payload.local_account_id)
  refuseUnless(known, 'WRONG_ACCOUNT', 'This Local Account is not registered here: it was removed, or registered with another cloud.')
  refuseUnless(known.serverUuid === payload.server_uuid, 'WRONG_SERVER', 'This Local Account is registered by another server.')
  refuseUnless(
    known.accountCaKey === accountCaKey,
    'UNTRUSTED_CERT',
    'The request is signed under an earlier registration of this account.',
  )
  const isSame = payload.virtual_account.id === String(known.virtualAccountId)
  refuseUnless(isSame, 'WRONG_ACCOUNT', 'This Local Account is linked to another Virtual Account.')
  return known
}

/** "process, store, answer" */
async function accept(db: Db, authorities: Authorities, request: SyncRequest, known: Registration, now: Date): Promise<string> {
  const { payload, payloadHash } = request
  const agrees = takeReport(db, known.id, payload)
  const isFull = payload.sync_type === 'full'
  refuseUnless(agrees || !isFull, 'FILE_MALFORMED', 'The list of product instances does not agree with its own digest.')
  const conversions = convert(db, known.virtualAccountId, payload.conversions, now)
  const { news, digest } = tellEntitlements(db, known.id, ownedEntitlements(db, known.virtualAccountId, now), isFull)
  const catalog = readCatalog(db)
  const catalogHash = hashOf(JSON.stringify(catalog))
  const renewed = {
    ...known,
    localAccountName: payload.local_account_name,
    accountCaKey: payload.account_ca_csr ? publicKeyPem(requestedKey(payload.account_ca_csr)) : known.accountCaKey,
    serverSigningKey: payload.server_signing_csr ? publicKeyPem(requestedKey(payload.server_signing_csr)) : known.serverSigningKey,
    synchronizedAt: now.getTime(),
    lastSequence: payload.sequence,
    lastRequestHash: payloadHash,
    catalogHash,
    reported: JSON.stringify({ sync_type: payload.sync_type, reason: payload.reason, privacy: payload.privacy }),
  }
  const holder = { ...renewed, itsTime: new Date(payload.created_at) }
  dropResyncTokens(db, known.id)
  const sealed = await sealResponse(authorities, {
    ...responseMembers(db, request, known.virtualAccountId, now),
    ...nothing,
    type: 'sync-response',
    ...({ sync_type: payload.sync_type, entitlements: news } as Pick<SyncResponsePayload, 'sync_type' | 'entitlements'>),
    ...(agrees ? ok : askForFull(db, known.id, payload.sequence, 'MISMATCH')),
    commands: takeCommands(db, known.id),
    entitlements_digest: digest,
    conversions,
    catalog: isFull || catalogHash !== known.catalogHash ? catalog : null,
    ...(await certify(authorities, holder, now)),
    three_tier_cert: await certifyThreeTier(authorities, holder, now),
    next_sync_due: nextSynchronization(now),
  } as SyncResponsePayload)
  putRegistration(db, { ...renewed, lastResponse: sealed.text, chainHash: sealed.payloadHash })
  return sealed.text
}

const asked: No = { act: 'ask for full', code: 'AUTHORITY', isStrange: false }
const ok = { status: 'OK' as const }
