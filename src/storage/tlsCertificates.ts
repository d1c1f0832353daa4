import type { Db } from './db.ts'

/** What 8443 ('browser') and 443 ('device') show; keys are sealed. */
export type TlsCertificateRecord = {
  purpose: 'browser' | 'device'
  privateKey: Buffer
  chain: string
  root: string
  rootKey: Buffer | null
  notAfter: Date
}

type Row = { purpose: 'browser' | 'device'; private_key: Buffer; chain: string; root: string; root_key: Buffer | null; not_after: Date }

/** The certificate of one purpose, if it was made already. `lock` keeps it as it is until the transaction ends. */
export async function findTlsCertificate(
  db: Db,
  purpose: TlsCertificateRecord['purpose'],
  lock = false,
): Promise<TlsCertificateRecord | undefined> {
  const query = db<Row>('tls_certificates').where({ purpose }).first()
  const row = await (lock ? query.forUpdate() : query)
  return (
    row && {
      purpose,
      privateKey: row.private_key,
      chain: row.chain,
      root: row.root,
      rootKey: row.root_key,
      notAfter: row.not_after,
    }
  )
}

/** Keeps a certificate in place of the former one. */
export async function upsertTlsCertificate(db: Db, record: TlsCertificateRecord): Promise<void> {
  await db<Row>('tls_certificates')
    .insert({
      purpose: record.purpose,
      private_key: record.privateKey,
      chain: record.chain,
      root: record.root,
      root_key: record.rootKey,
      not_after: record.notAfter,
    })
    .onConflict('purpose')
    .merge()
}
