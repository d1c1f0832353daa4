import type { LocalAccount } from '../rules/accounts.ts'
import type { ProductInstance } from '../rules/productInstances.ts'
import type { IdCertificate } from './certificates.ts'
import type { Db } from './db.ts'
import { type LocalAccountRow, localAccountFrom } from './localAccounts.ts'
import { type ProductInstanceRow, productInstanceFrom } from './productInstances.ts'

/** How a message names its sender: the account's number out of the instance's identifier, and the certificate that signed. */
export type SenderKey = { localAccountId: number; productInstanceId: string; certificateSerial: string }

/** An instance with the certificate it signs with. */
export type Sender = { instance: ProductInstance; certificate: IdCertificate }

/** The accounts of a group of messages, in the order they were asked for; undefined for a number that none has. */
export async function findAccountsOf(db: Db, ids: number[]): Promise<(LocalAccount | undefined)[]> {
  const rows: LocalAccountRow[] = await db('local_accounts').whereIn('id', [...new Set(ids)])
  const accounts = new Map(rows.map(row => [row.id, localAccountFrom(row)]))
  return ids.map(id => accounts.get(id))
}

type SenderRow = ProductInstanceRow & {
  serial: string
  certificate_state: IdCertificate['state']
  der: Buffer
  not_before: Date
  not_after: Date
}

/**
 * The senders of a group of messages, in the order they were asked for. One is undefined when the account has no such instance, or the
 * instance no such certificate: "look the instance up *within the account*, never by PIID alone" (wire-device 5.11).
 */
export async function findSenders(db: Db, keys: SenderKey[]): Promise<(Sender | undefined)[]> {
  const result = await db.raw(
    `select i.*, c.serial, c.state as certificate_state, c.der, c.not_before, c.not_after
     from (select distinct * from unnest(?::integer[], ?::uuid[], ?::numeric[]) as k (account, instance, serial)) k
     join certificates c on c.local_account_id = k.account and c.serial = k.serial and c.product_instance_id = k.instance
     join product_instances i on i.local_account_id = k.account and i.id = k.instance`,
    [keys.map(key => key.localAccountId), keys.map(key => key.productInstanceId), keys.map(key => key.certificateSerial)],
  )
  const senders = new Map((result.rows as SenderRow[]).map(row => [`${row.id} ${row.serial}`, senderFrom(row)]))
  return keys.map(key => senders.get(`${key.productInstanceId} ${BigInt(key.certificateSerial)}`))
}

const senderFrom = (row: SenderRow): Sender => ({
  instance: productInstanceFrom(row),
  certificate: {
    localAccountId: row.local_account_id,
    serial: row.serial,
    productInstanceId: row.id,
    state: row.certificate_state,
    der: row.der,
    notBefore: row.not_before,
    notAfter: row.not_after,
  },
})
