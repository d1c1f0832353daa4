import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { openRoster, saveRoster } from '../../src/lab/product/fleet/roster.ts'
import type { Seat } from '../../src/lab/product/fleet/seat.ts'
import type { Db } from '../../src/storage/db.ts'
import { rosterIn } from './generate/dataSet.ts'
import type { Transport } from './messages.ts'
import type { Place } from './place.ts'
import { countersAgainstRows } from './soak/reconcile.ts'

/** How much of which license something uses. */
type Uses = [tag: string, quantity: number][]

/** A part of a data set's products as a fleet of its own, in `folder`, and what each of them is about to report. */
export type Party = { transport: Transport; folder: string; count: number; reports: Map<string, Uses> }

/**
 * Splits the first `count` products of the data set's first account into two fleets, one for each transport. All of them report one more of
 * everything than the data set says, or the same as it says where an earlier run has left that: so each report changes something, and one that is lost or
 * counted twice shows.
 */
export async function gatherParties(place: Place, count: number): Promise<Party[]> {
  const roster = await openRoster(rosterIn(place.folder), { count, keys: 1, root: readFileSync(place.licensingRoot, 'utf8') })
  const seats = roster.seats.filter(({ kept }) => kept?.product)
  const more = (await isAsMade(place.context.storage.db, seats[0]!)) ? 1 : 0
  const half = Math.ceil(seats.length / 2)
  const parts = { smart: seats.slice(0, half), callhome: seats.slice(half) }
  return Promise.all(
    Object.entries(parts).map(async ([transport, part]) => {
      const told = part.map(seat => reporting(seat, more))
      const folder = join(place.scratch, `outage-${transport}`)
      await saveRoster(folder, { ...roster, seats: told, absent: [] })
      const reports = new Map(
        told.map(({ kept }) => [kept!.id, kept!.product!.uses.map(([tag, uses]): [string, number] => [roster.tags[tag]!, uses])]),
      )
      return { transport: transport as Transport, folder, count: told.length, reports }
    }),
  )
}

function reporting({ kept, ...seat }: Seat, more: number): Seat {
  const product = kept!.product!
  return { ...seat, kept: { ...kept!, product: { ...product, uses: product.uses.map(([tag, uses]) => [tag, uses + more]) } } }
}

async function isAsMade(db: Db, { kept }: Seat): Promise<boolean> {
  const { rows } = await db.raw('select sum(quantity)::int as quantity from usage where product_instance_id = ?', [kept!.id])
  return rows[0].quantity === kept!.product!.uses.reduce((sum, [, uses]) => sum + uses, 0)
}

const alike = (one: Uses | null | undefined, other: Uses | undefined) =>
  isDeepStrictEqual([...(one ?? [])].sort(), [...(other ?? [])].sort())

/** How many of the reports say something else than the database has: an earlier work may have left one of them as it will be. */
export async function countChanges({ context, dataSet }: Place, parties: Party[]): Promise<number> {
  const { rows } = await context.storage.db.raw(
    `select u.product_instance_id as id, json_agg(json_build_array(t.tag, u.quantity)) as uses
     from usage u join entitlement_tags t on t.id = u.tag_id where u.local_account_id = ? group by 1`,
    [dataSet.accounts[0]!.id],
  )
  const used = new Map<string, Uses>(rows.map(({ id, uses }: { id: string; uses: Uses }) => [id, uses]))
  return parties.flatMap(party => [...party.reports]).filter(([id, uses]) => !alike(used.get(id), uses)).length
}

/** What the books say of an outage: since when it went on, how many of the reports change something, and how many were sent again. */
export type Books = { since: Date; changes: number; triedAgain: number }

/**
 * Holds the database against what the products were told is done; gives a sentence for each difference. A report that `triedAgain` because its
 * answer did not come, or was to come again, may be remembered under each of its nonces; what it says counts once all the same.
 */
export async function reconcileOutage(
  { context, dataSet }: Place,
  parties: Party[],
  { since, changes, triedAgain }: Books,
): Promise<string[]> {
  const { db } = context.storage
  const account = dataSet.accounts[0]!.id
  const reports = new Map(parties.flatMap(party => [...party.reports]))
  const heard: { rows: { id: string; uses: Uses | null }[] } = await db.raw(
    `select c.product_instance_id as id, json_agg(json_build_array(t.tag, u.quantity)) as uses
     from product_instance_contacts c
     left join usage u using (local_account_id, product_instance_id) left join entitlement_tags t on t.id = u.tag_id
     where c.local_account_id = ? and c.last_reported_at >= ? group by 1`,
    [account, since],
  )
  const [{ answered, repeats }] = (
    await db.raw(
      `select count(distinct sender)::int as answered, (count(*) - count(distinct sender))::int as repeats
       from replies where local_account_id = ? and answered_at >= ?`,
      [account, since],
    )
  ).rows
  const [{ events }] = (
    await db.raw(`select count(*)::int as events from events where local_account_id = ? and at >= ? and kind = 'usage changed'`, [
      account,
      since,
    ])
  ).rows
  const wrong = heard.rows.filter(({ id, uses }) => !alike(uses, reports.get(id)))
  const counters = (
    await db.raw(countersAgainstRows.replaceAll('$1', '?'), Array(countersAgainstRows.split('$1').length - 1).fill(account))
  ).rows
  return [
    ...differs('instances were heard of', heard.rows.length, reports.size),
    ...differs('instances were answered', answered, reports.size),
    ...(repeats <= triedAgain ? [] : [`${repeats} replies are second ones, and only ${triedAgain} reports were sent again.`]),
    ...differs('changes are told of in the event log', events, changes),
    ...differs('instances use something else than they reported', wrong.length, 0),
    ...counters.map((row: object) => `A counter is not its sum: ${JSON.stringify(row)}.`),
  ]
}

const differs = (what: string, there: number, expected: number) =>
  there === expected ? [] : [`${there} ${what}, and it should be ${expected}.`]
