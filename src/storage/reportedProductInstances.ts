import type { Knex } from 'knex'
import type { Withheld } from '../rules/exchanges.ts'
import type { Db } from './db.ts'

/** What the request under way says of a product instance, by comparison with what the cloud was told before. */
export type Change = 'added' | 'changed' | 'removed'

/** Whom the cloud is told of: an expired instance is unregistered and holds no license. */
const told = "p.local_account_id = :account and p.state <> 'EXPIRED'"

/**
 * A product instance as the cloud is told of it, but for its last contact, which alone is no change. What is withheld is null here, in the
 * database, so that it cannot get any further. Addresses are not known to us and never told.
 */
const record = (more = '') => `json_build_object(
  'product_instance_identifier', p.id, 'udi_pid', p.udi_pid, 'udi_serial_number', p.udi_serial_number,
  'uuid', case when p.udi_pid is null then active.sudi ->> 'uuid' end, 'software_tag_identifier', p.software_tag,
  'hostname', case when not :hostname then p.hostname end, 'mac_address', case when not :mac then active.sudi ->> 'mac_address' end,
  'registered_at', (extract(epoch from p.registered_at) * 1000)::bigint${more})`
const activeDevice = `cross join lateral (
  select coalesce(jsonb_path_query_first(p.devices, '$[*] \\? (@.role == "Active")'), p.devices -> 0) -> 'sudi' as sudi) active`

/**
 * Writes down how what the request of an account says of its product instances differs from what the cloud knows. A full request says more than
 * that, and still changes no more: what is the same now was known before. One statement over both tables; nothing of it passes through this
 * process. Gives how many of each are told of; in a full request what is not new counts as changed.
 */
export async function prepareSentProductInstances(
  db: Db,
  localAccountId: number,
  { full, withheld }: { full: boolean; withheld: Withheld },
): Promise<Record<Change, number>> {
  await db('sent_product_instances').where({ local_account_id: localAccountId }).delete()
  const result = await db.raw(
    `with told as (
       select p.id, hashtextextended(${record()}::text, 0) as fingerprint from product_instances p ${activeDevice} where ${told}),
     known as (select * from reported_product_instances where local_account_id = :account),
     sent as (
       insert into sent_product_instances (local_account_id, product_instance_id, change, fingerprint)
       select :account::integer, coalesce(t.id, k.product_instance_id),
              case when k.product_instance_id is null then 'added' when t.id is null then 'removed' else 'changed' end, t.fingerprint
       from told t full join known k on k.product_instance_id = t.id
       where k.fingerprint is distinct from t.fingerprint
       -- In the order of the keys: pages of the index are filled one after the other.
       order by 2
       returning change)
     select count(*) filter (where change = 'added') as added, count(*) filter (where change = 'changed') as changed,
            count(*) filter (where change = 'removed') as removed from sent`,
    { account: localAccountId, hostname: withheld.hostname, mac: withheld.mac },
  )
  const counts: Record<Change, number> = result.rows[0]
  return full ? { ...counts, changed: (await countTold(db, localAccountId)) - counts.added } : counts
}

async function countTold(db: Db, localAccountId: number): Promise<number> {
  const { rows } = await db.raw(`select count(*) from product_instances p where ${told}`, { account: localAccountId })
  return rows[0].count
}

/** So many items of a long list come at a time. */
const chunk = 2000

/**
 * Reads a long list through a cursor: it is planned, sorted and read once, whatever its length, and never stands in memory whole. To be called
 * in a transaction, one list after the other. `select` gives a column `text`.
 */
async function* readInChunks(tx: Db, select: string, values: Record<string, unknown>): AsyncGenerator<string[]> {
  await tx.raw(`declare list no scroll cursor for ${select}`, values as Record<string, Knex.Value>)
  for (;;) {
    const { rows } = await tx.raw(`fetch ${chunk} from list`)
    if (rows.length === 0) break
    yield rows.map((row: { text: string }) => row.text)
  }
  await tx.raw('close list')
}

const sent = `join sent_product_instances s on s.local_account_id = p.local_account_id and s.product_instance_id = p.id and s.change = :which`

/** The JSON of the product instances that a request tells of, made by the database, some at a time: all, or those that came or changed. */
export const readToldProductInstances = (
  tx: Db,
  localAccountId: number,
  { which, withheld }: { which: 'all' | Exclude<Change, 'removed'>; withheld: Withheld },
): AsyncGenerator<string[]> =>
  readInChunks(
    tx,
    `select ${record(`, 'last_contact', (extract(epoch from c.last_contact_at) * 1000)::bigint`)}::text as text
     from product_instances p ${which === 'all' ? '' : sent}
     left join product_instance_contacts c on c.local_account_id = p.local_account_id and c.product_instance_id = p.id ${activeDevice}
     where ${told} order by p.id`,
    { account: localAccountId, which, hostname: withheld.hostname, mac: withheld.mac },
  )

/** The identifiers of those that are gone, as JSON texts, some at a time. */
export const readRemovedProductInstances = (tx: Db, localAccountId: number): AsyncGenerator<string[]> =>
  readInChunks(
    tx,
    `select '"' || product_instance_id || '"' as text from sent_product_instances
     where local_account_id = :account and change = 'removed' order by product_instance_id`,
    { account: localAccountId },
  )

/**
 * SHA-256 in hex over the lines `p|<piid>` of the usage digest (wire-cloud 7.3) in their order, each ended by a line feed, and the text that comes
 * after them. The database makes it: some megabytes there, and nothing of them here.
 */
export async function digestProductInstances(tx: Db, localAccountId: number, after: string): Promise<string> {
  const { rows } = await tx.raw(
    `select encode(sha256(convert_to(coalesce(string_agg('p|' || p.id || chr(10), '' order by p.id), '') || :after, 'UTF8')), 'hex') as digest
     from product_instances p where ${told}`,
    { account: localAccountId, after },
  )
  return rows[0].digest
}

/**
 * The cloud has taken the request: what it said is what the cloud knows now. Nothing is joined here: both tables have just been filled, the database
 * has no idea how far, and a join that it planned for some rows took minutes for 200,000.
 */
export async function acceptSentProductInstances(db: Db, localAccountId: number): Promise<void> {
  const account = { account: localAccountId }
  await db.raw(
    `delete from reported_product_instances where local_account_id = :account and product_instance_id = any(array(
       select product_instance_id from sent_product_instances where local_account_id = :account and change = 'removed'))`,
    account,
  )
  await db.raw(
    `insert into reported_product_instances (local_account_id, product_instance_id, fingerprint)
     select local_account_id, product_instance_id, fingerprint from sent_product_instances
     where local_account_id = :account and change <> 'removed' order by product_instance_id
     on conflict (local_account_id, product_instance_id) do update set fingerprint = excluded.fingerprint`,
    account,
  )
  await db.raw('delete from sent_product_instances where local_account_id = :account', account)
}

/** Use of one tag, summed over all Local Virtual Accounts of an account. */
export type UsageTotalRow = { tag: string; inUse: number; peak: number; outOfCompliance: number }

/**
 * What an account uses or has used since the last accepted exchange, tag by tag, in the order of the tags' bytes. The peak is the sum of those of
 * the Local Virtual Accounts: the most that can have been in use at one time.
 */
export async function listUsageTotals(db: Db, localAccountId: number): Promise<UsageTotalRow[]> {
  const result = await db.raw(
    `select t.tag, sum(a.in_use)::bigint as "inUse", sum(greatest(a.peak, a.in_use))::bigint as peak,
            sum(greatest(-a.balance, 0))::bigint as "outOfCompliance"
     from authorizations a join entitlement_tags t on t.id = a.tag_id
     where a.local_account_id = ? group by t.tag having sum(greatest(a.peak, a.in_use)) > 0 order by t.tag collate "C"`,
    [localAccountId],
  )
  return result.rows
}
