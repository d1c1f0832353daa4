import type { Db } from '../../../src/storage/db.ts'

/** Tokens of every standing, and an event for each registration. */
export async function insertTokensAndEvents(db: Db, localAccountId: number, places: Record<string, number>, now: Date): Promise<void> {
  const id = (n: number) => `0199${n.toString(16).padStart(4, '0')}-0000-8000-8000-0000${localAccountId.toString(16).padStart(8, '0')}`
  const token = (n: number, place: number, description: string, days: number, maximum: number | null, uses: number, revoked: boolean) =>
    db.raw(
      `insert into registration_tokens (local_account_id, id, local_virtual_account_id, secret_hash, secret_sealed, description, export_controlled,
         maximum_uses, uses, expires_at, created_at, created_by, revoked_at, revoked_by)
       values (:account, :id, :place, '\\x00', '\\x00', :description, :controlled, :maximum, :uses, :now::timestamptz + :days * interval '1 day',
         :now::timestamptz - interval '20 days', 'a.novak', case when :revoked then :now::timestamptz - interval '2 days' end,
         case when :revoked then 'a.novak' end)`,
      { account: localAccountId, id: id(n), place, description, controlled: n % 3 === 0, maximum, uses, days, revoked, now },
    )
  await token(1, places.Default!, 'First rollout', -5, null, 212, false)
  await token(2, places.Branches!, 'Depot routers, wave 1', 9, 50, 50, false)
  await token(3, places.Campus!, 'Campus refresh', 178, null, 1318, false)
  await token(4, places.Laboratory!, 'Contractor, week 40', 3, 10, 2, true)
  await token(5, places.Branches!, 'Depot routers, wave 2', 10, 400, 37, false)
  await token(6, places['Data centre']!, 'Spine and leaf', 364, null, 96, false)
  await db.raw(
    `insert into events (local_account_id, at, kind, message, who, local_virtual_account_id, product_instance_id)
     select i.local_account_id, i.registered_at, 'product instance registered', i.name || ' registered as ' || i.product_type || '.', i.name,
       i.local_virtual_account_id, i.id
     from product_instances i where i.local_account_id = ? order by i.registered_at`,
    [localAccountId],
  )
}
