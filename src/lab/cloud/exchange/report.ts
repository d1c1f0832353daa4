import { usageDigest } from '../../../wire/exchange/digests.ts'
import type { SyncRequestPayload } from '../../../wire/exchange/syncRequest.ts'
import type { Db } from '../store/database.ts'
import { listProductIds, putProducts, putUsage, removeProducts } from '../store/reports.ts'

/** Takes what a request reports, and says whether both sides now see the same: "usage digest … ≠ authority's view after applying". */
export function takeReport(db: Db, registrationId: number, payload: SyncRequestPayload): boolean {
  if (payload.sync_type === 'full') putProducts(db, registrationId, payload.products.all, true)
  else {
    putProducts(db, registrationId, [...payload.products.added, ...payload.products.changed], false)
    removeProducts(db, registrationId, payload.products.removed)
  }
  putUsage(db, registrationId, payload.usage)
  return usageDigest(payload.usage, listProductIds(db, registrationId)) === payload.usage_digest
}
