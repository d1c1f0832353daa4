import type { SyncRequestPayload } from '../../../wire/exchange/syncRequest.ts'
import type { SyncResponsePayload } from '../../../wire/exchange/syncResponse.ts'
import { makeSecret } from '../secrets.ts'
import type { Authorities } from '../store/authorities.ts'
import type { Db } from '../store/database.ts'
import { noteStrangeRequest, type Registration } from '../store/registrations.ts'
import { putResyncToken } from '../store/resyncTokens.ts'
import type { OpenedRequest } from './openRequest.ts'
import { responseMembers, sealResponse } from './respond.ts'

/** A synchronization request whose signature held. */
export type SyncRequest = OpenedRequest & { payload: SyncRequestPayload }

/** Why a request is not taken. */
export type No = { act: 'reject' } | { act: 'ask for full'; code: keyof typeof reasons; isStrange: boolean }

/** "nothing applied": a replay is rejected, and whoever is out of step is asked for a full synchronization. */
export async function refuseSynchronization(
  db: Db,
  authorities: Authorities,
  request: SyncRequest,
  known: Registration,
  no: No,
  now: Date,
): Promise<string> {
  const { payload } = request
  if (no.act === 'ask for full' && no.isStrange) noteStrangeRequest(db, payload.server_uuid, now)
  const words = no.act === 'reject' ? rejected : askForFull(db, known.id, known.lastSequence, no.code)
  const sealed = await sealResponse(authorities, {
    ...responseMembers(db, request, known.virtualAccountId, now),
    ...nothing,
    type: 'sync-response',
    sync_type: payload.sync_type,
    ...words,
  } as SyncResponsePayload)
  return sealed.text
}

/** A response that brings nothing; what it brings is put over it. */
export const nothing = {
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

/** The words of "FULL_SYNC_REQUIRED …, with `last_seq` and a one-time `resync_token`", which is made and kept here. */
export function askForFull(db: Db, registrationId: number, lastSequence: number, code: keyof typeof reasons) {
  const token = makeSecret()
  putResyncToken(db, registrationId, token, lastSequence)
  return { status: 'FULL_SYNC_REQUIRED' as const, last_seq: lastSequence, resync_token: token, message_code: code, message: reasons[code] }
}
