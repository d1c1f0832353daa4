import { mostCounted, type Remains } from '../rules/accountLife.ts'
import type { Db } from './db.ts'

/** What is left of an account, for whoever deactivates it. */
export async function findRemains(db: Db, localAccountId: number): Promise<Remains> {
  const { rows } = await db.raw(
    `select (select coalesce(sum(instances), 0)::bigint from product_instance_counts where local_account_id = :id) as instances,
            (select count(*) from (select 1 from reported_product_instances where local_account_id = :id limit :mostCounted) r) as reported,
            (select carrier from synchronizations where local_account_id = :id and state in ('prepared', 'outstanding')) as "underWay"`,
    { id: localAccountId, mostCounted },
  )
  return rows[0]
}

/**
 * Every table that has rows of an account, what refers to others first. `events` stays: the log is append-only, and its lines hang on nothing.
 * test/administration/accountLife.test.ts holds this list against the database.
 */
export const accountTables = [
  'usage',
  'silent_product_instances',
  'conversion_lines',
  'conversions',
  'certificates',
  'product_instance_contacts',
  'product_instances',
  'product_instance_counts',
  'registration_tokens',
  'tombstones',
  'polls',
  'replies',
  'substitutions',
  'authorizations',
  'usage_history',
  'entitlement_shares',
  'entitlements',
  'alerts',
  'sent_product_instances',
  'reported_product_instances',
  'resynchronizations',
  'uploaded_responses',
  'synchronizations',
  'synchronization_progress',
  'synchronization_schedules',
  'report_schedules',
  'instance_batches',
  'access_requests',
  'cloud_credentials',
  'api_clients',
  'role_assignments',
  'group_roles',
  'account_authorities',
  'local_virtual_accounts',
] as const

/** Removes an account with everything that is its own, set by set. */
export async function deleteLocalAccountRows(tx: Db, localAccountId: number): Promise<void> {
  for (const table of accountTables) await tx(table).where({ local_account_id: localAccountId }).delete()
  await tx('sessions').where({ local_account_id: localAccountId }).update({ local_account_id: null })
  await tx('local_accounts').where({ id: localAccountId }).delete()
}
