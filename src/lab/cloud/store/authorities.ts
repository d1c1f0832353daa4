import type { KeyObject } from 'node:crypto'
import { type Certificate, readCertificate } from '../../../pki/certificate.ts'
import { type Credential, type Issuer, openIssuer } from '../../../pki/issue.ts'
import { privateKeyPem, readPrivateKey } from '../../../pki/keys.ts'
import { makeCloudSigner, makeLicensingRoot, makeSubCa } from '../../../pki/licensingRoot.ts'
import type { Database, Db } from './database.ts'

/** What this cloud certifies and signs with. */
export type Authorities = {
  root: Certificate
  rootIssuer: Issuer
  subCa: Certificate
  subIssuer: Issuer
  signer: { certificate: Certificate; privateKey: KeyObject }
}

const day = 86_400_000
/** The signer is made anew so long before its end, so that an answer can be carried for its 30 days and still be believed. */
const signerMargin = 60 * day

type Kept = { certificate: string; private_key: string }
const find = (db: Db, name: string) => db.one<Kept>('select certificate, private_key from authorities where name = ?', name)
const keep = (db: Db, name: string, { pem, privateKey }: Credential) =>
  void db.run('insert or replace into authorities values (?, ?, ?)', name, pem, privateKeyPem(privateKey))

/** Makes the root ("own, offline, 25 y"), the sub CA (10 y) and the signer, those of them that are not there. */
export async function ensureAuthorities(database: Database, now: Date): Promise<void> {
  await database.write(async db => {
    if (!find(db, 'root')) keep(db, 'root', await makeLicensingRoot(now))
    if (!find(db, 'subCa')) keep(db, 'subCa', await makeSubCa(issuerOf(db, 'root'), now))
  })
}

/** The authorities as they now stand; the signer is renewed when its time runs out, on whatever clock. */
export async function openAuthorities(db: Db, now: Date): Promise<Authorities> {
  const [rootIssuer, subIssuer] = [issuerOf(db, 'root'), issuerOf(db, 'subCa')]
  const signer = find(db, 'signer')
  if (!signer || readCertificate(signer.certificate).notAfter.getTime() < now.getTime() + signerMargin || isEarly(signer, now)) {
    keep(db, 'signer', await makeCloudSigner(subIssuer, now))
  }
  const { certificate, private_key } = find(db, 'signer')!
  return {
    root: rootIssuer.certificate!,
    rootIssuer,
    subCa: subIssuer.certificate!,
    subIssuer,
    signer: { certificate: readCertificate(certificate), privateKey: readPrivateKey(private_key) },
  }
}

/** The clock was set back to before the signer was made. */
const isEarly = ({ certificate }: Kept, now: Date) => readCertificate(certificate).notBefore > now

/** The root's certificate, which servers and products pin. */
export const rootCertificate = (db: Db): string => find(db, 'root')!.certificate

function issuerOf(db: Db, name: string): Issuer {
  const { certificate, private_key } = find(db, name)!
  return openIssuer(certificate, readPrivateKey(private_key))
}
