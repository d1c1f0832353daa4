import { day } from '../rules/clock.ts'
import { alternativeNames, isAnAuthority, servesTls, signsCertificates, signsMessages } from './extensions.ts'
import { type Credential, type Issuer, issueCertificate, selfIssuer } from './issue.ts'
import { makeP256Key } from './keys.ts'
import type { Name } from './names.ts'
import { validFor, validForYears } from './validity.ts'

/** With the hour before now it stays below 397 days; browsers refuse a server's certificate that holds longer than 398. */
const life = 396 * day

/** Makes this server's own small root for TLS, named after its uuid, so that two servers' roots can be told apart in a browser. Ten years. */
export async function makeTlsRoot(serverUuid: string, now: Date): Promise<Credential> {
  const key = await makeP256Key()
  const subject: Name = [['CN', `Quartermaster TLS Root ${serverUuid}`]]
  const draft = { subject, publicKey: key.publicKey, ...validForYears(now, 10), extensions: [isAnAuthority(0), signsCertificates] }
  return { ...(await issueCertificate(draft, selfIssuer(subject, key))), privateKey: key.privateKey }
}

/** Makes a certificate for a TLS server that is reached under `hosts`, names or addresses, the first of which becomes its common name. */
export async function makeTlsCertificate(root: Issuer, hosts: readonly [string, ...string[]], now: Date): Promise<Credential> {
  const key = await makeP256Key()
  const draft = {
    subject: [['CN', hosts[0]]] as const,
    publicKey: key.publicKey,
    ...validFor(now, life),
    extensions: [signsMessages, servesTls, alternativeNames({ hosts })],
  }
  return { ...(await issueCertificate(draft, root)), privateKey: key.privateKey }
}
