import type { InstanceDevice, ProductInstanceState } from '../../rules/productInstances.ts'
import type { Db } from '../db.ts'
import { withDates } from './dates.ts'
import { type EventRow, eventColumns, eventSource } from './eventRows.ts'
import { type Scope, scopeBindings, within } from './scope.ts'

/** A license that an instance uses, and how it stands in the instance's Local Virtual Account. */
export type UsedLicense = {
  tagId: number
  tag: string
  displayName: string
  version: string
  quantity: number
  since: Date
  balance: number
  outOfComplianceSince: Date | null
}

/** An ID certificate as a page shows it: its dates and its name, never the certificate itself. */
export type ShownCertificate = { serial: string; state: 'current' | 'previous' | 'unacknowledged'; notBefore: Date; notAfter: Date }

export type ProductInstanceDetail = {
  id: string
  name: string
  state: ProductInstanceState
  localVirtualAccountId: number
  localVirtualAccount: string
  softwareTag: string
  productType: string
  devices: InstanceDevice[]
  hostname: string | null
  exportControlled: boolean
  agentVersion: string | null
  capabilities: string[]
  registrationTokenId: string
  registeredAt: Date
  acknowledgedAt: Date | null
  lastContactAt: Date | null
  lastReportedAt: Date | null
  licenses: UsedLicense[]
  certificates: ShownCertificate[]
  /** The latest events, the newest first. */
  events: EventRow[]
}

/** Everything about one product instance within `scope`, or undefined. One query. */
export async function findProductInstanceDetail(db: Db, scope: Scope, id: string): Promise<ProductInstanceDetail | undefined> {
  const result = await db.raw(
    `select i.id, i.name, i.state, i.local_virtual_account_id as "localVirtualAccountId", v.name as "localVirtualAccount",
            i.software_tag as "softwareTag", i.product_type as "productType", i.devices, i.hostname, i.export_controlled as "exportControlled",
            i.agent_version as "agentVersion", i.capabilities, i.registration_token_id as "registrationTokenId", i.registered_at as "registeredAt",
            i.acknowledged_at as "acknowledgedAt", c.last_contact_at as "lastContactAt", c.last_reported_at as "lastReportedAt",
            ${licenses} as licenses, ${certificates} as certificates, ${events} as events
     from product_instances i
       join local_virtual_accounts v on v.local_account_id = i.local_account_id and v.id = i.local_virtual_account_id
       left join product_instance_contacts c on c.local_account_id = i.local_account_id and c.product_instance_id = i.id
     where ${within(scope, 'i')} and i.id = :id`,
    { ...scopeBindings(scope), id },
  )
  const row: ProductInstanceDetail | undefined = result.rows[0]
  if (!row) return undefined
  withDates(row.licenses, 'since', 'outOfComplianceSince')
  withDates(row.certificates, 'notBefore', 'notAfter')
  withDates(row.events, 'at')
  return row
}

const licenses = `(
  select coalesce(json_agg(l), '[]') from (
    select t.id as "tagId", t.tag, t.display_name as "displayName", u.version, u.quantity, u.since, coalesce(a.balance, 0) as balance,
           a.out_of_compliance_since as "outOfComplianceSince"
    from usage u join entitlement_tags t on t.id = u.tag_id
      left join authorizations a on a.local_account_id = u.local_account_id and a.local_virtual_account_id = i.local_virtual_account_id
        and a.tag_id = u.tag_id
    where u.local_account_id = i.local_account_id and u.product_instance_id = i.id
    order by t.display_name, t.id limit 100) l)`

const certificates = `(
  select coalesce(json_agg(x), '[]') from (
    select e.serial::text, e.state, e.not_before as "notBefore", e.not_after as "notAfter"
    from certificates e where e.local_account_id = i.local_account_id and e.product_instance_id = i.id
    order by e.not_after desc, e.serial desc) x)`

const events = `(
  select coalesce(json_agg(e), '[]') from (
    select ${eventColumns} from ${eventSource('events')}
    where e.local_account_id = i.local_account_id and e.product_instance_id = i.id order by e.id desc limit 20) e)`
