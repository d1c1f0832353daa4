import { circleOf, type Settlement, type SubstitutionRule, settle } from '../rules/compliance.ts'
import { grouped } from '../rules/words.ts'
import { clearAlert, raiseAlert } from '../storage/alerts.ts'
import {
  type Authorization,
  findAuthorizations,
  listAuthorizations,
  lockLocalVirtualAccounts,
  replaceLoans,
  updatePurchased,
  updateSettlements,
} from '../storage/authorizations.ts'
import type { Db } from '../storage/db.ts'
import { listSubstitutionRules } from '../storage/entitlementTags.ts'
import { recordEvent } from '../storage/events.ts'
import { listLocalVirtualAccounts } from '../storage/localVirtualAccounts.ts'

type Place = { localAccountId: number; localVirtualAccountId: number }

/** A Local Virtual Account in which something moved: the counters of these tags, or of any where none are named. */
export type Touched = Place & { tagIds?: number[] }

/**
 * Brings borrowed, lent and the standing of the tags that moved, and of all that settle with them, in step with their counters, raises and
 * clears the alert of insufficient licenses, and writes an event for each change of standing. "When anything that compliance rests on changes …
 * the standing of the touched (account, LVA, tag) is settled in the same transaction." The caller holds the lock of `lockLocalVirtualAccounts`.
 */
export async function settleAuthorizations(tx: Db, touched: Touched[], now: Date): Promise<void> {
  const rules = await listSubstitutionRules(tx)
  const rows = Map.groupBy(await touchedAuthorizations(tx, touched, rules), placeKey)
  for (const place of touched) await settlePlace(tx, place, rows.get(placeKey(place)) ?? [], rules, now)
}

/** Counts anew what is purchased in an account (lots came, went, began or ended) and settles every Local Virtual Account in which that changed. */
export async function recountPurchased(tx: Db, localAccountId: number, now: Date): Promise<void> {
  const places = await listLocalVirtualAccounts(tx, localAccountId)
  await lockLocalVirtualAccounts(
    tx,
    places.map(place => ({ localAccountId, localVirtualAccountId: place.id })),
  )
  const touched = await updatePurchased(tx, localAccountId, now)
  await settleAuthorizations(
    tx,
    touched.map(localVirtualAccountId => ({ localAccountId, localVirtualAccountId })),
    now,
  )
}

const placeKey = ({ localAccountId, localVirtualAccountId }: Place) => `${localAccountId}/${localVirtualAccountId}`

/** Of a place that names its tags those and what settles with them, in one question for all such places; of any other place everything. */
async function touchedAuthorizations(tx: Db, touched: Touched[], rules: SubstitutionRule[]): Promise<Authorization[]> {
  const keys = touched.flatMap(({ tagIds, localAccountId, localVirtualAccountId }) =>
    [...circleOf(tagIds ?? [], rules)].map(tagId => ({ localAccountId, localVirtualAccountId, tagId })),
  )
  const rows = keys.length > 0 ? await findAuthorizations(tx, keys) : []
  for (const { tagIds, localAccountId, localVirtualAccountId } of touched) {
    if (!tagIds) rows.push(...(await listAuthorizations(tx, localAccountId, localVirtualAccountId)))
  }
  return rows
}

async function settlePlace(tx: Db, place: Touched, rows: Authorization[], rules: SubstitutionRule[], now: Date): Promise<void> {
  const { settlements, loans } = settle(rows, rules)
  const settled = settlements.map((settlement, index) => ({ row: rows[index]!, settlement }))
  const changes = settled.filter(({ row, settlement }) => changed(row, settlement))
  if (changes.length > 0) {
    await updateSettlements(
      tx,
      place,
      changes.map(({ row, settlement }) => ({ ...settlement, outOfComplianceSince: since(row, settlement, now) })),
    )
    await replaceLoans(
      tx,
      place,
      rows.map(row => row.tagId),
      loans,
    )
  }
  for (const { row, settlement } of settled) {
    if (short(settlement) || wasShort(row)) await tellOf(tx, place, row, settlement, now)
  }
}

const short = (settlement: Settlement) => settlement.standing === 'out of compliance'
const wasShort = (row: Authorization) => row.outOfComplianceSince !== null
const since = (row: Authorization, settlement: Settlement, now: Date) => (short(settlement) ? (row.outOfComplianceSince ?? now) : null)
const changed = (row: Authorization, settlement: Settlement) =>
  row.borrowed !== settlement.borrowed || row.lent !== settlement.lent || short(settlement) !== wasShort(row)

async function tellOf(tx: Db, place: Place, row: Authorization, settlement: Settlement, now: Date): Promise<void> {
  const subject = `${place.localVirtualAccountId}/${row.tagId}`
  const alert = { localAccountId: place.localAccountId, kind: 'insufficient licenses', subject }
  if (short(settlement)) {
    const missing = -settlement.balance
    await raiseAlert(tx, {
      ...alert,
      severity: 'major',
      source: row.displayName,
      message: `${grouped(missing)} more ${missing === 1 ? 'license is' : 'licenses are'} in use than purchased.`,
      action: 'Purchase or transfer licenses, or release some.',
      at: now,
    })
  } else await clearAlert(tx, alert, now)
  if (short(settlement) === wasShort(row)) return
  await recordEvent(tx, {
    localAccountId: place.localAccountId,
    localVirtualAccountId: place.localVirtualAccountId,
    tagId: row.tagId,
    at: now,
    kind: short(settlement) ? 'out of compliance' : 'in compliance',
    message: short(settlement)
      ? `${row.displayName} is out of compliance: ${grouped(-settlement.balance)} short of ${grouped(row.inUse)} in use.`
      : `${row.displayName} is in compliance again.`,
    who: 'the server',
  })
}
