import type { Loan } from '../rules/compliance.ts'
import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'

/** The settled standing of a tag in a Local Virtual Account, and the counters it rests on. */
export type Authorization = AuthorizationKey & {
  tag: string
  displayName: string
  purchased: number
  inUse: number
  instances: number
  reserved: number
  borrowed: number
  lent: number
  balance: number
  outOfComplianceSince: Date | null
}

/** Where a tag stands: the key of an authorization. */
export type AuthorizationKey = { localAccountId: number; localVirtualAccountId: number; tagId: number }

const keyColumns = (keys: AuthorizationKey[]) => [
  keys.map(key => key.localAccountId),
  keys.map(key => key.localVirtualAccountId),
  keys.map(key => key.tagId),
]

/** A change of what is in use, and by how many instances. */
export type UsageDelta = AuthorizationKey & { inUse: number; instances: number }

/**
 * Takes the Local Virtual Accounts that are about to change, in the order of their keys. Whoever changes counters holds this first, after
 * the instances it changes, so that settlements of one Local Virtual Account follow each other and nobody waits in a circle.
 */
export async function lockLocalVirtualAccounts(db: Db, keys: { localAccountId: number; localVirtualAccountId: number }[]): Promise<void> {
  await runPrepared(
    db,
    `select 1 from local_virtual_accounts v
     join (select distinct * from unnest(?::integer[], ?::integer[]) as k (local_account_id, id)) k using (local_account_id, id)
     order by v.local_account_id, v.id for no key update of v`,
    [keys.map(key => key.localAccountId), keys.map(key => key.localVirtualAccountId)],
  )
}

/** Takes every Local Virtual Account of an account, in the same order. */
export async function lockPlacesOf(db: Db, localAccountId: number): Promise<void> {
  await db.raw('select 1 from local_virtual_accounts where local_account_id = ? order by id for no key update', [localAccountId])
}

/**
 * Adds deltas to the counters, and what grows to the peaks. Growth may meet a tag for the first time; what shrinks is there, and stays above
 * zero or the database refuses.
 */
export async function addUsage(db: Db, deltas: UsageDelta[]): Promise<void> {
  const columns = (rows: UsageDelta[]) => [...keyColumns(rows), rows.map(row => row.inUse), rows.map(row => row.instances)]
  const grows = (delta: UsageDelta) => delta.inUse >= 0 && delta.instances >= 0
  await runPrepared(
    db,
    `with grown as (
       insert into authorizations as a (local_account_id, local_virtual_account_id, tag_id, in_use, instances, peak, next_peak)
       select d.*, d.in_use, d.in_use
       from unnest(?::integer[], ?::integer[], ?::integer[], ?::bigint[], ?::bigint[]) as d (account, virtual_account, tag_id, in_use, instances)
       on conflict (local_account_id, local_virtual_account_id, tag_id)
       do update set in_use = a.in_use + excluded.in_use, instances = a.instances + excluded.instances,
         peak = greatest(a.peak, a.in_use + excluded.in_use), next_peak = greatest(a.next_peak, a.in_use + excluded.in_use))
     update authorizations a set in_use = a.in_use + d.in_use, instances = a.instances + d.instances
     from unnest(?::integer[], ?::integer[], ?::integer[], ?::bigint[], ?::bigint[]) as d (account, virtual_account, tag_id, in_use, instances)
     where a.local_account_id = d.account and a.local_virtual_account_id = d.virtual_account and a.tag_id = d.tag_id`,
    [...columns(deltas.filter(grows)), ...columns(deltas.filter(delta => !grows(delta)))],
  )
}

const authorizationColumns = `a.local_account_id as "localAccountId", a.local_virtual_account_id as "localVirtualAccountId", a.tag_id as "tagId",
            t.tag, t.display_name as "displayName", a.purchased, a.in_use as "inUse", a.instances, a.reserved, a.borrowed, a.lent,
            a.balance, a.out_of_compliance_since as "outOfComplianceSince"`

/** A request is about to be prepared: what is used from now on is for the one after it. The caller holds the lock of all places of the account. */
export async function beginNextPeaks(db: Db, localAccountId: number): Promise<void> {
  await db('authorizations')
    .where({ local_account_id: localAccountId })
    .whereRaw('next_peak <> in_use')
    .update({ next_peak: db.ref('in_use') })
}

/** The cloud has taken the request: what it was told is no peak any more. The caller holds the lock of all places of the account. */
export async function acceptPeaks(db: Db, localAccountId: number): Promise<void> {
  await db('authorizations')
    .where({ local_account_id: localAccountId })
    .whereRaw('peak <> next_peak')
    .update({ peak: db.ref('next_peak') })
}

/** Every authorization of one Local Virtual Account. */
export async function listAuthorizations(db: Db, localAccountId: number, localVirtualAccountId: number): Promise<Authorization[]> {
  const result = await db.raw(
    `select ${authorizationColumns}
     from authorizations a join entitlement_tags t on t.id = a.tag_id
     where a.local_account_id = ? and a.local_virtual_account_id = ?`,
    [localAccountId, localVirtualAccountId],
  )
  return result.rows
}

/** The authorizations of some keys, those that are there. A key is named once. */
export async function findAuthorizations(db: Db, keys: AuthorizationKey[]): Promise<Authorization[]> {
  const result = await runPrepared(
    db,
    `select ${authorizationColumns}
     from unnest(?::integer[], ?::integer[], ?::integer[]) as k (local_account_id, local_virtual_account_id, tag_id)
     join authorizations a using (local_account_id, local_virtual_account_id, tag_id)
     join entitlement_tags t on t.id = a.tag_id`,
    keyColumns(keys),
  )
  return result.rows
}

/** Writes what settlements changed. */
export async function updateSettlements(
  db: Db,
  rows: (AuthorizationKey & { borrowed: number; lent: number; outOfComplianceSince: Date | null })[],
): Promise<void> {
  if (rows.length === 0) return
  await runPrepared(
    db,
    `update authorizations a set borrowed = s.borrowed, lent = s.lent, out_of_compliance_since = s.since
     from unnest(?::integer[], ?::integer[], ?::integer[], ?::bigint[], ?::bigint[], ?::timestamptz[])
       as s (account, virtual_account, tag_id, borrowed, lent, since)
     where a.local_account_id = s.account and a.local_virtual_account_id = s.virtual_account and a.tag_id = s.tag_id`,
    [
      ...keyColumns(rows),
      rows.map(row => row.borrowed),
      rows.map(row => row.lent),
      // knex does not know that an array may hold nulls.
      rows.map(row => row.outOfComplianceSince) as Date[],
    ],
  )
}

/** A loan, and the Local Virtual Account that it is made in. */
export type PlacedLoan = Loan & Omit<AuthorizationKey, 'tagId'>

/** Puts the loans to these tags in place of those before. */
export async function replaceLoans(db: Db, borrowers: AuthorizationKey[], loans: PlacedLoan[]): Promise<void> {
  if (borrowers.length === 0) return
  await runPrepared(
    db,
    `delete from substitutions s using unnest(?::integer[], ?::integer[], ?::integer[]) as k (account, virtual_account, tag_id)
     where s.local_account_id = k.account and s.local_virtual_account_id = k.virtual_account and s.borrower_tag_id = k.tag_id`,
    keyColumns(borrowers),
  )
  if (loans.length === 0) return
  await db('substitutions').insert(
    loans.map(loan => ({
      local_account_id: loan.localAccountId,
      local_virtual_account_id: loan.localVirtualAccountId,
      borrower_tag_id: loan.borrowerTagId,
      lender_tag_id: loan.lenderTagId,
      quantity: loan.quantity,
    })),
  )
}

/**
 * Counts what is purchased: the shares of the lots in force at `now`, for every tag and Local Virtual Account of an account.
 * Gives the Local Virtual Accounts in which a count changed.
 */
export async function updatePurchased(db: Db, localAccountId: number, now: Date): Promise<number[]> {
  const result = await db.raw(
    `with held as (
       select s.local_virtual_account_id, e.tag_id, sum(s.quantity)::bigint as purchased
       from entitlement_shares s join entitlements e using (local_account_id, license_id)
       where s.local_account_id = :account and e.starts_at <= :now and (e.ends_at is null or e.ends_at > :now)
       group by 1, 2),
     added as (
       insert into authorizations as a (local_account_id, local_virtual_account_id, tag_id, purchased)
       select :account::integer, h.local_virtual_account_id, h.tag_id, h.purchased from held h
       on conflict (local_account_id, local_virtual_account_id, tag_id)
       do update set purchased = excluded.purchased where a.purchased <> excluded.purchased
       returning a.local_virtual_account_id),
     emptied as (
       update authorizations a set purchased = 0
       where a.local_account_id = :account and a.purchased <> 0 and not exists (
         select 1 from held h where h.local_virtual_account_id = a.local_virtual_account_id and h.tag_id = a.tag_id)
       returning a.local_virtual_account_id)
     select local_virtual_account_id as id from added union select local_virtual_account_id from emptied`,
    { account: localAccountId, now },
  )
  return result.rows.map((row: { id: number }) => row.id)
}
