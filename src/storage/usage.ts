import type { ProductInstanceState } from '../rules/productInstances.ts'
import type { AuthorizationKey } from './authorizations.ts'
import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'

/** What a product says it uses of a tag. */
export type Usage = { tagId: number; quantity: number; version: string }

/** A product instance as a report meets it, locked until the end of the transaction. */
export type ReportingInstance = {
  localAccountId: number
  id: string
  localVirtualAccountId: number
  state: ProductInstanceState
  name: string
  entitlementVersion: number
  usage: Usage[]
  /** The serial numbers of the ID certificates that open the door for it now. */
  certificates: string[]
}

type InstanceKey = { localAccountId: number; productInstanceId: string }

const keyColumns = (keys: InstanceKey[]) => [keys.map(key => key.localAccountId), keys.map(key => key.productInstanceId)]

/**
 * Takes the instances that report, in the order of their keys, with what they use; one that is gone is missing from the answer.
 * Two statements, because the second must see what was committed while the first waited for its locks; they are sent together, and each sees what
 * is committed when it begins.
 */
export async function lockReportingInstances(db: Db, keys: InstanceKey[]): Promise<ReportingInstance[]> {
  if (keys.length === 0) return []
  const locked = runPrepared(
    db,
    `select 1 from product_instance_contacts c
     join unnest(?::integer[], ?::uuid[]) as k (local_account_id, id) on c.local_account_id = k.local_account_id and c.product_instance_id = k.id
     order by c.local_account_id, c.product_instance_id
     for update of c`,
    keyColumns(keys),
  )
  const read = runPrepared(
    db,
    `select i.local_account_id as "localAccountId", i.id, i.local_virtual_account_id as "localVirtualAccountId", i.state, i.name,
            c.entitlement_version as "entitlementVersion",
            array(select u.tag_id || ' ' || u.quantity || ' ' || u.version
                  from usage u where u.local_account_id = i.local_account_id and u.product_instance_id = i.id) as usage,
            array(select o.serial::text from certificates o
                  where o.local_account_id = i.local_account_id and o.product_instance_id = i.id) as certificates
     from unnest(?::integer[], ?::uuid[]) as k (local_account_id, id)
     join product_instance_contacts c on c.local_account_id = k.local_account_id and c.product_instance_id = k.id
     join product_instances i on i.local_account_id = k.local_account_id and i.id = k.id`,
    keyColumns(keys),
  )
  const [, result] = await Promise.all([locked, read])
  return result.rows.map((row: Omit<ReportingInstance, 'usage'> & { usage: string[] }) => ({ ...row, usage: row.usage.map(usageFrom) }))
}

/** A line of the lock's answer: JSON would take the database four times as long to write. */
function usageFrom(line: string): Usage {
  const [tagId, quantity, ...version] = line.split(' ')
  return { tagId: Number(tagId), quantity: Number(quantity), version: version.join(' ') }
}

/** Marks the contact, and the version of the report, of instances that were locked. */
export async function updateContacts(db: Db, contacts: (InstanceKey & { entitlementVersion: number })[], at: Date): Promise<void> {
  await runPrepared(
    db,
    `update product_instance_contacts c set last_contact_at = ?, last_reported_at = ?, entitlement_version = k.version
     from unnest(?::integer[], ?::uuid[], ?::bigint[]) as k (local_account_id, id, version)
     where c.local_account_id = k.local_account_id and c.product_instance_id = k.id`,
    [at, at, ...keyColumns(contacts), contacts.map(contact => contact.entitlementVersion)],
  )
}

/** Puts the reported quantities in place; what is the same keeps the time since when it is used. The place is the instance's own. */
export async function upsertUsage(db: Db, rows: (InstanceKey & Usage & { localVirtualAccountId: number })[], at: Date): Promise<void> {
  if (rows.length === 0) return
  await runPrepared(
    db,
    `insert into usage as u (local_account_id, product_instance_id, local_virtual_account_id, tag_id, quantity, version, since)
     select k.*, ?::timestamptz from unnest(?::integer[], ?::uuid[], ?::integer[], ?::integer[], ?::bigint[], ?::text[]) as k
     on conflict (local_account_id, product_instance_id, tag_id) do update set quantity = excluded.quantity, version = excluded.version`,
    [
      at,
      ...keyColumns(rows),
      rows.map(row => row.localVirtualAccountId),
      rows.map(row => row.tagId),
      rows.map(row => row.quantity),
      rows.map(row => row.version),
    ],
  )
}

/** Forgets what is no longer used. */
export async function deleteUsage(db: Db, rows: (InstanceKey & { tagId: number })[]): Promise<void> {
  if (rows.length === 0) return
  await runPrepared(
    db,
    `delete from usage u using unnest(?::integer[], ?::uuid[], ?::integer[]) as k (local_account_id, id, tag_id)
     where u.local_account_id = k.local_account_id and u.product_instance_id = k.id and u.tag_id = k.tag_id`,
    [...keyColumns(rows), rows.map(row => row.tagId)],
  )
}

/** What a reply says of a tag in a Local Virtual Account: its balance, and when the first of its lots in force ends. */
export type TagBalance = AuthorizationKey & { balance: number; endsAt: Date | null }

/** The balances that a group of replies tells of. */
export async function listBalances(db: Db, keys: AuthorizationKey[], now: Date): Promise<TagBalance[]> {
  if (keys.length === 0) return []
  const result = await runPrepared(
    db,
    `select a.local_account_id as "localAccountId", a.local_virtual_account_id as "localVirtualAccountId", a.tag_id as "tagId", a.balance,
            (select min(e.ends_at) from entitlements e
             where e.local_account_id = a.local_account_id and e.tag_id = a.tag_id and e.starts_at <= ? and e.ends_at > ?) as "endsAt"
     from (select distinct * from unnest(?::integer[], ?::integer[], ?::integer[]) as k (account, virtual_account, tag_id)) k
     join authorizations a on a.local_account_id = k.account and a.local_virtual_account_id = k.virtual_account and a.tag_id = k.tag_id`,
    [now, now, keys.map(key => key.localAccountId), keys.map(key => key.localVirtualAccountId), keys.map(key => key.tagId)],
  )
  return result.rows
}
