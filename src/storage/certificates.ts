import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'

/**
 * `unacknowledged`: issued, and no message was signed with it yet. `previous`: replaced by an unacknowledged one, and good until that one is
 * acknowledged or its own end. `current`: the only one.
 */
export type CertificateState = 'current' | 'previous' | 'unacknowledged'

/** An ID certificate that still opens the door. `serial` is decimal, as on the wire. */
export type IdCertificate = {
  localAccountId: number
  serial: string
  productInstanceId: string
  state: CertificateState
  der: Buffer
  notBefore: Date
  notAfter: Date
}

type InstanceKey = { localAccountId: number; productInstanceId: string }

const keyColumns = (keys: InstanceKey[]) => [keys.map(key => key.localAccountId), keys.map(key => key.productInstanceId)]

/** Adds a certificate. */
export const insertCertificate = (db: Db, certificate: IdCertificate): Promise<void> => insertCertificates(db, [certificate])

/** Adds certificates. */
export async function insertCertificates(db: Db, certificates: IdCertificate[]): Promise<void> {
  await runPrepared(
    db,
    `insert into certificates (local_account_id, product_instance_id, serial, state, der, not_before, not_after)
     select * from unnest(?::integer[], ?::uuid[], ?::numeric[], ?::text[], ?::bytea[], ?::timestamptz[], ?::timestamptz[])`,
    [
      ...keyColumns(certificates),
      certificates.map(certificate => certificate.serial),
      certificates.map(certificate => certificate.state),
      certificates.map(certificate => certificate.der),
      certificates.map(certificate => certificate.notBefore),
      certificates.map(certificate => certificate.notAfter),
    ],
  )
}

/** The certificates of one instance, the newest first. */
export async function listCertificates(db: Db, localAccountId: number, productInstanceId: string): Promise<IdCertificate[]> {
  const result = await runPrepared(
    db,
    `select local_account_id as "localAccountId", serial, product_instance_id as "productInstanceId", state, der,
            not_before as "notBefore", not_after as "notAfter"
     from certificates where local_account_id = ? and product_instance_id = ? order by not_before desc, serial`,
    [localAccountId, productInstanceId],
  )
  return result.rows
}

/** How many of these certificates still open the door. */
export async function countCertificates(db: Db, keys: (InstanceKey & { certificateSerial: string })[]): Promise<number> {
  const result = await runPrepared(
    db,
    `select count(*) from unnest(?::integer[], ?::uuid[], ?::numeric[]) as k (local_account_id, product_instance_id, serial)
     join certificates c using (local_account_id, product_instance_id, serial)`,
    [...keyColumns(keys), keys.map(key => key.certificateSerial)],
  )
  return result.rows[0].count
}

/** Makes certificates current whose first message has come, and forgets those that they replaced. Gives those that were not current before. */
export async function makeCertificatesCurrent(db: Db, keys: (InstanceKey & { certificateSerial: string })[]): Promise<InstanceKey[]> {
  const result = await runPrepared(
    db,
    `with named as (select * from unnest(?::integer[], ?::uuid[], ?::numeric[]) as n (local_account_id, product_instance_id, serial)),
     promoted as (
       update certificates c set state = 'current' from named n
       where c.local_account_id = n.local_account_id and c.serial = n.serial and c.state = 'unacknowledged'
       returning c.local_account_id, c.product_instance_id),
     forgotten as (
       delete from certificates c using promoted p
       where c.local_account_id = p.local_account_id and c.product_instance_id = p.product_instance_id and c.state <> 'unacknowledged')
     select local_account_id as "localAccountId", product_instance_id as "productInstanceId" from promoted`,
    [...keyColumns(keys), keys.map(key => key.certificateSerial)],
  )
  return result.rows
}

/**
 * Makes room for a new certificate: the one that signed the request for it becomes the previous one, any other goes. False when the one that
 * signed is not there any more.
 */
export async function demoteCertificates(db: Db, instance: InstanceKey, keptSerial: string): Promise<boolean> {
  const result = await db.raw(
    `with gone as (
       delete from certificates
       where local_account_id = :localAccountId and product_instance_id = :productInstanceId and serial <> :keptSerial::numeric)
     update certificates set state = 'previous'
     where local_account_id = :localAccountId and product_instance_id = :productInstanceId and serial = :keptSerial::numeric`,
    { ...instance, keptSerial },
  )
  return result.rowCount === 1
}

/** Forgets every certificate of these instances: none of them opens the door again. */
export async function deleteCertificates(db: Db, keys: InstanceKey[]): Promise<void> {
  await runPrepared(
    db,
    `delete from certificates c using unnest(?::integer[], ?::uuid[]) as k (local_account_id, id)
     where c.local_account_id = k.local_account_id and c.product_instance_id = k.id`,
    keyColumns(keys),
  )
}
