import type { Db } from './db.ts'

/** An authority of the trust store; `certificate` is PEM, the fingerprint its SHA-256 in hexadecimal. */
export type TrustedAuthority = {
  fingerprint: string
  certificate: string
  name: string
  issuer: string
  notBefore: Date
  notAfter: Date
  addedAt: Date
  addedBy: string
}

/** Every authority of the trust store, by name. */
export async function listTrustedAuthorities(db: Db): Promise<TrustedAuthority[]> {
  const rows = await db('trusted_authorities').orderBy(['name', 'fingerprint'])
  return rows.map(row => ({
    fingerprint: row.fingerprint,
    certificate: row.certificate,
    name: row.name,
    issuer: row.issuer,
    notBefore: row.not_before,
    notAfter: row.not_after,
    addedAt: row.added_at,
    addedBy: row.added_by,
  }))
}

/** Adds an authority; false where it was there already. */
export async function insertTrustedAuthority(db: Db, authority: TrustedAuthority): Promise<boolean> {
  const rows = await db('trusted_authorities')
    .insert({
      fingerprint: authority.fingerprint,
      certificate: authority.certificate,
      name: authority.name,
      issuer: authority.issuer,
      not_before: authority.notBefore,
      not_after: authority.notAfter,
      added_at: authority.addedAt,
      added_by: authority.addedBy,
    })
    .onConflict('fingerprint')
    .ignore()
    .returning('fingerprint')
  return rows.length > 0
}

/** Removes an authority and gives its name; undefined where there is none of this fingerprint. */
export async function deleteTrustedAuthority(db: Db, fingerprint: string): Promise<string | undefined> {
  const [row] = await db('trusted_authorities').where({ fingerprint }).delete().returning('name')
  return row?.name
}
