import type { Db } from './db.ts'

/** What is kept of an account's authority. Keys are sealed; the certificates are null before the account's registration. */
export type AccountAuthorityRow = {
  localAccountId: number
  accountCaKey: Buffer
  accountCaCertificate: string | null
  signingKey: Buffer
  signingCertificate: string | null
  subCaCertificates: string[]
  threeTierCertificate: string | null
  certificatesEndAt: Date | null
}

type Row = {
  local_account_id: number
  account_ca_key: Buffer
  account_ca_certificate: string | null
  signing_key: Buffer
  signing_certificate: string | null
  sub_ca_certificates: string[]
  three_tier_certificate: string | null
  certificates_end_at: Date | null
}

const fromRow = (row: Row): AccountAuthorityRow => ({
  localAccountId: row.local_account_id,
  accountCaKey: row.account_ca_key,
  accountCaCertificate: row.account_ca_certificate,
  signingKey: row.signing_key,
  signingCertificate: row.signing_certificate,
  subCaCertificates: row.sub_ca_certificates,
  threeTierCertificate: row.three_tier_certificate,
  certificatesEndAt: row.certificates_end_at,
})

/** The authority of an account, with or without certificates. */
export async function findAccountAuthority(db: Db, localAccountId: number): Promise<AccountAuthorityRow | undefined> {
  const row = await db<Row>('account_authorities').where({ local_account_id: localAccountId }).first()
  return row && fromRow(row)
}

/** Keeps the sealed keys of a new account. */
export async function insertAccountAuthority(
  db: Db,
  keys: Pick<AccountAuthorityRow, 'localAccountId' | 'accountCaKey' | 'signingKey'>,
): Promise<void> {
  await db('account_authorities').insert({
    local_account_id: keys.localAccountId,
    account_ca_key: keys.accountCaKey,
    signing_key: keys.signingKey,
  })
}

/** Puts the certificates of an exchange in the place of those before. The three-tier one stays once it is there: the cloud sends it once. */
export async function updateAccountCertificates(
  db: Db,
  localAccountId: number,
  certificates: {
    accountCaCertificate: string
    signingCertificate: string
    subCaCertificates: string[]
    threeTierCertificate: string | null
    certificatesEndAt: Date
  },
): Promise<void> {
  await db('account_authorities')
    .where({ local_account_id: localAccountId })
    .update({
      account_ca_certificate: certificates.accountCaCertificate,
      signing_certificate: certificates.signingCertificate,
      sub_ca_certificates: certificates.subCaCertificates,
      certificates_end_at: certificates.certificatesEndAt,
      ...(certificates.threeTierCertificate && { three_tier_certificate: certificates.threeTierCertificate }),
    })
}

/** What the account signs with, as `openAuthority` asks for it; undefined before the certificates are there. */
export async function findAuthorityRecord(db: Db, localAccountId: number) {
  const row = await findAccountAuthority(db, localAccountId)
  if (!row?.accountCaCertificate || !row.signingCertificate) return undefined
  return { ...row, accountCaCertificate: row.accountCaCertificate, signingCertificate: row.signingCertificate }
}

/** The accounts that have keys. */
export const listAuthorities = (db: Db): Promise<number[]> =>
  db<Row>('account_authorities').orderBy('local_account_id').pluck('local_account_id')
