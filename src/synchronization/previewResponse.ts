import type { Context } from '../context.ts'
import { readCertificate } from '../pki/certificate.ts'
import type { LicenseType } from '../rules/entitlements.ts'
import { findUploadedResponse } from '../storage/uploadedResponses.ts'
import type { Entitlement } from '../wire/exchange/entitlements.ts'
import { openResponse } from './openResponse.ts'
import { entitlementsAfter, knownEntitlements } from './parts/entitlements.ts'

/** What a response would do with a license lot. */
export type LotChange = {
  change: 'new' | 'changed' | 'gone'
  licenseId: string
  name: string
  licenseType: LicenseType
  before: number | null
  quantity: number
  endsAt: Date | null
}

/** What is in an uploaded response, for a person who decides whether to apply it. */
export type ResponsePreview = {
  type: 'registration-response' | 'sync-response'
  sequence: number
  createdAt: Date
  smartAccount: string
  virtualAccount: string
  /** What the cloud says of the request: it has taken it, wants a full one, or not. */
  status: 'OK' | 'FULL_SYNC_REQUIRED' | 'REJECTED'
  message: string | null
  lots: LotChange[]
  unchangedLots: number
  certificatesEndAt: Date | null
  nextSynchronizationAt: Date | null
  bytes: number
  uploadedAt: Date
  uploadedBy: string
}

/** What the uploaded response of an account would do, held against what is here now; undefined when none waits. */
export async function previewResponse(context: Context, localAccountId: number): Promise<ResponsePreview | undefined> {
  const { db } = context.storage
  const uploaded = await findUploadedResponse(db, localAccountId)
  if (!uploaded) return undefined
  const { payload } = await openResponse(context, uploaded.file)
  const isSync = payload.type === 'sync-response'
  const before = await knownEntitlements(db, localAccountId)
  const after = payload.entitlements ? await entitlementsAfter(db, localAccountId, payload.entitlements) : before
  const lots = compare(before, after)
  return {
    type: payload.type,
    sequence: payload.sequence,
    createdAt: new Date(payload.created_at),
    smartAccount: payload.smart_account.name,
    virtualAccount: payload.virtual_account.name,
    status: isSync ? payload.status : 'OK',
    message: isSync ? payload.message : null,
    lots,
    unchangedLots: after.length - lots.filter(({ change }) => change !== 'gone').length,
    certificatesEndAt: payload.account_ca_cert ? readCertificate(payload.account_ca_cert).notAfter : null,
    nextSynchronizationAt: payload.next_sync_due === null ? null : new Date(payload.next_sync_due),
    bytes: Buffer.byteLength(uploaded.file),
    uploadedAt: uploaded.uploadedAt,
    uploadedBy: uploaded.uploadedBy,
  }
}

function compare(before: Entitlement[], after: Entitlement[]): LotChange[] {
  const known = new Map(before.map(lot => [lot.license_id, lot]))
  const kept = new Set(after.map(lot => lot.license_id))
  const came = after.filter(lot => !known.has(lot.license_id)).map(lot => line('new', lot, null))
  const changed = after
    .filter(lot => isOther(known.get(lot.license_id), lot))
    .map(lot => line('changed', lot, known.get(lot.license_id)!.quantity))
  const gone = before.filter(lot => !kept.has(lot.license_id)).map(lot => line('gone', lot, lot.quantity))
  return [...came, ...changed, ...gone]
}

const isOther = (before: Entitlement | undefined, after: Entitlement) =>
  before !== undefined &&
  (['tag', 'quantity', 'license_type', 'start_date', 'end_date', 'subscription_id', 'export_restricted'] as const).some(
    member => before[member] !== after[member],
  )

const line = (change: LotChange['change'], lot: Entitlement, before: number | null): LotChange => ({
  change,
  licenseId: lot.license_id,
  name: lot.display_name || lot.tag,
  licenseType: lot.license_type,
  before,
  quantity: change === 'gone' ? 0 : lot.quantity,
  endsAt: lot.end_date === null ? null : new Date(lot.end_date),
})
