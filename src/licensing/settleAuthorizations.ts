import { circleOf, type Settlement, type SubstitutionRule, settle } from '../rules/compliance.ts'
import { grouped } from '../rules/words.ts'
import { clearAlerts, raiseAlerts } from '../storage/alerts.ts'
import {
  type Authorization,
  findAuthorizations,
  listAuthorizations,
  lockLocalVirtualAccounts,
  type PlacedLoan,
  replaceLoans,
  updatePurchased,
  updateSettlements,
} from '../storage/authorizations.ts'
import type { Db } from '../storage/db.ts'
import { listSubstitutionRules } from '../storage/entitlementTags.ts'
import { type EventRecord, recordEvents } from '../storage/events.ts'
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
  const places = touched.map(place => settlePlace(place, rows.get(placeKey(place)) ?? [], rules))
  await Promise.all([
    writeSettlements(tx, places.filter(hasChanged), now),
    tell(
      tx,
      places.flatMap(place => place.settled),
      now,
    ),
  ])
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

type Settled = { row: Authorization; settlement: Settlement }
type SettledPlace = { settled: Settled[]; loans: PlacedLoan[] }

function settlePlace({ localAccountId, localVirtualAccountId }: Place, rows: Authorization[], rules: SubstitutionRule[]): SettledPlace {
  const { settlements, loans } = settle(rows, rules)
  return {
    settled: settlements.map((settlement, index) => ({ row: rows[index]!, settlement })),
    loans: loans.map(loan => ({ localAccountId, localVirtualAccountId, ...loan })),
  }
}

/** Writes the settlements of places in which one changed, and puts their loans in place of those before. */
async function writeSettlements(tx: Db, places: SettledPlace[], now: Date): Promise<void> {
  const settled = places.flatMap(place => place.settled)
  await updateSettlements(
    tx,
    settled.filter(changed).map(({ row, settlement }) => ({ ...row, ...settlement, outOfComplianceSince: since(row, settlement, now) })),
  )
  await replaceLoans(
    tx,
    settled.map(({ row }) => row),
    places.flatMap(place => place.loans),
  )
}

const short = (settlement: Settlement) => settlement.standing === 'out of compliance'
const wasShort = (row: Authorization) => row.outOfComplianceSince !== null
const since = (row: Authorization, settlement: Settlement, now: Date) => (short(settlement) ? (row.outOfComplianceSince ?? now) : null)
const changed = ({ row, settlement }: Settled) =>
  row.borrowed !== settlement.borrowed || row.lent !== settlement.lent || short(settlement) !== wasShort(row)
const hasChanged = ({ settled }: SettledPlace) => settled.some(changed)

/** Raises and clears the alerts of what is short and of what was, and writes an event for each that changed its standing. */
async function tell(tx: Db, settled: Settled[], now: Date): Promise<void> {
  const [missing, enough] = [settled.filter(({ settlement }) => short(settlement)), settled.filter(({ settlement }) => !short(settlement))]
  await Promise.all([
    raiseAlerts(
      tx,
      missing.map(one => ({
        ...alertOf(one),
        ...wordsOf(-one.settlement.balance),
        severity: 'major',
        source: one.row.displayName,
        at: now,
      })),
    ),
    clearAlerts(tx, enough.filter(({ row }) => wasShort(row)).map(alertOf), now),
    recordEvents(
      tx,
      settled.filter(({ row, settlement }) => short(settlement) !== wasShort(row)).map(one => eventOf(one, now)),
    ),
  ])
}

const alertOf = ({ row: { localAccountId, localVirtualAccountId, tagId } }: Settled) => ({
  localAccountId,
  kind: 'insufficient licenses',
  subject: `${localVirtualAccountId}/${tagId}`,
})

const wordsOf = (missing: number) => ({
  message: `${grouped(missing)} more ${missing === 1 ? 'license is' : 'licenses are'} in use than purchased.`,
  action: 'Purchase or transfer licenses, or release some.',
})

const eventOf = ({ row, settlement }: Settled, at: Date): EventRecord => ({
  localAccountId: row.localAccountId,
  localVirtualAccountId: row.localVirtualAccountId,
  tagId: row.tagId,
  at,
  kind: short(settlement) ? 'out of compliance' : 'in compliance',
  message: short(settlement)
    ? `${row.displayName} is out of compliance: ${grouped(-settlement.balance)} short of ${grouped(row.inUse)} in use.`
    : `${row.displayName} is in compliance again.`,
  who: 'the server',
})
