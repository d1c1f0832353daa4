import { publicKeyPem } from '../../../pki/keys.ts'
import type { SyncRequestPayload } from '../../../wire/exchange/syncRequest.ts'
import type { SyncResponsePayload } from '../../../wire/exchange/syncResponse.ts'
import { strikes } from '../faults.ts'
import { refuseUnless } from '../refusal.ts'
import { hashOf, makeSecret } from '../secrets.ts'
import type { Authorities } from '../store/authorities.ts'
import { readCatalog } from '../store/catalog.ts'
import type { Db } from '../store/database.ts'
import {
  dropResyncTokens,
  findRegistration,
  findResyncToken,
  noteStrangeRequest,
  putRegistration,
  putResyncToken,
  putServer,
  type Registration,
  wasSeen,
} from '../store/registrations.ts'
import { certify, certifyThreeTier, requestedKey } from './certify.ts'
import { ownedEntitlements, tellEntitlements } from './entitlements.ts'
import type { OpenedRequest } from './openRequest.ts'
import { takeReport } from './report.ts'
import { nextSynchronization, responseMembers, sealResponse } from './respond.ts'
import { judge } from './sequence.ts'

type Request = OpenedRequest & { payload: SyncRequestPayload }

/** Takes a synchronization request of a registered account, by the table of 7.4, and gives the response. */
export async function synchronize(db: Db, authorities: Authorities, request: Request, now: Date): Promise<string> {
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
      wasSeen: wasSeen(db, known.id, payloadHash),
      tokenSequence: token === null ? undefined : findResyncToken(db, known.id, token),
    },
    now,
  )
  if (verdict.act === 'repeat') return known.lastResponse
  putServer(db, payload.server_uuid, payload.server_version, now)
  if (verdict.act === 'process' && strikes(db, 'askForFull')) return sayNo(db, authorities, request, known, asked, now)
  if (verdict.act === 'process') return accept(db, authorities, request, known, now)
  return sayNo(db, authorities, request, known, verdict, now)
}

function findKnown(db: Db, { payload, accountCaKey }: Request): Registration {
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
async function accept(db: Db, authorities: Authorities, request: Request, known: Registration, now: Date): Promise<string> {
  const { payload, payloadHash } = request
  const agrees = takeReport(db, known.id, payload)
  const isFull = payload.sync_type === 'full'
  refuseUnless(agrees || !isFull, 'FILE_MALFORMED', 'The list of product instances does not agree with its own digest.')
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
    ...empty,
    type: 'sync-response',
    ...({ sync_type: payload.sync_type, entitlements: news } as Pick<SyncResponsePayload, 'sync_type' | 'entitlements'>),
    ...(agrees ? ok : askForFull(db, known.id, payload.sequence, 'MISMATCH')),
    entitlements_digest: digest,
    catalog: isFull || catalogHash !== known.catalogHash ? catalog : null,
    ...(await certify(authorities, holder, now)),
    three_tier_cert: await certifyThreeTier(authorities, holder, now),
    next_sync_due: nextSynchronization(now),
  } as SyncResponsePayload)
  putRegistration(db, { ...renewed, lastResponse: sealed.text, chainHash: sealed.payloadHash })
  return sealed.text
}

type No = { act: 'reject' } | { act: 'ask for full'; code: keyof typeof reasons; isStrange: boolean }
const asked: No = { act: 'ask for full', code: 'AUTHORITY', isStrange: false }

/** "nothing applied": a replay is rejected, and whoever is out of step is asked for a full synchronization. */
async function sayNo(db: Db, authorities: Authorities, request: Request, known: Registration, no: No, now: Date): Promise<string> {
  const { payload } = request
  if (no.act === 'ask for full' && no.isStrange) noteStrangeRequest(db, payload.server_uuid, now)
  const words = no.act === 'reject' ? rejected : askForFull(db, known.id, known.lastSequence, no.code)
  const sealed = await sealResponse(authorities, {
    ...responseMembers(db, request, known.virtualAccountId, now),
    ...empty,
    type: 'sync-response',
    sync_type: payload.sync_type,
    ...words,
  } as SyncResponsePayload)
  return sealed.text
}

const empty = {
  entitlements: null,
  entitlements_digest: null,
  catalog: null,
  account_ca_cert: null,
  server_signing_cert: null,
  sub_ca_certs: null,
  three_tier_cert: null,
  last_seq: null,
  resync_token: null,
  conversions: [],
  rum_acks: [],
  commands: [],
  next_sync_due: null,
  message_code: null,
  message: null,
}
const ok = { status: 'OK' as const }
const rejected = {
  status: 'REJECTED' as const,
  message_code: 'FILE_REPLAYED',
  message: 'This request has been answered before, and others since. Nothing was applied.',
}
const reasons = {
  CHAIN_BROKEN: 'The cloud and this server are not at the same exchange. A full synchronization brings them together.',
  CLOCK_SHIFT: "The server's clock and the cloud's are more than a day apart, or the request is too old. A full synchronization is needed.",
  AUTHORITY: 'The cloud asks for a full synchronization.',
  MISMATCH: 'The cloud and this server disagree on what is in use. A full synchronization brings them together.',
}

/** "FULL_SYNC_REQUIRED …, with `last_seq` and a one-time `resync_token`" */
function askForFull(db: Db, registrationId: number, lastSequence: number, code: keyof typeof reasons) {
  const token = makeSecret()
  putResyncToken(db, registrationId, token, lastSequence)
  return { status: 'FULL_SYNC_REQUIRED' as const, last_seq: lastSequence, resync_token: token, message_code: code, message: reasons[code] }
}
