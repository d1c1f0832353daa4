import { randomUUID } from 'node:crypto'
import { openIssuer } from '../../pki/issue.ts'
import { privateKeyPem, readPrivateKey } from '../../pki/keys.ts'
import { makeTlsCertificate, makeTlsRoot } from '../../pki/tlsCertificate.ts'
import type { Database } from './store/database.ts'

/** What the port shows, and the root that it leads to. */
export type Tls = { key: string; cert: string; root: string }

/**
 * A TLS certificate for this machine, made at each start by a root that stays. It goes by the machine's own clock, not the laboratory's,
 * because whoever connects checks it by theirs.
 */
export const openTls = (database: Database): Promise<Tls> =>
  database.write(async db => {
    const now = new Date()
    const kept = () =>
      db.one<{ certificate: string; private_key: string }>("select certificate, private_key from authorities where name = 'tlsRoot'")
    if (!kept()) {
      const made = await makeTlsRoot(randomUUID(), now)
      db.run("insert into authorities values ('tlsRoot', ?, ?)", made.pem, privateKeyPem(made.privateKey))
    }
    const root = kept()!
    const issuer = openIssuer(root.certificate, readPrivateKey(root.private_key))
    const leaf = await makeTlsCertificate(issuer, ['localhost', '127.0.0.1', '::1'], now)
    return { key: privateKeyPem(leaf.privateKey), cert: leaf.pem, root: root.certificate }
  })
