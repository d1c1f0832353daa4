import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { importBrowserCertificate } from '../administration/browserCertificate/importBrowserCertificate.ts'
import { requestBrowserCertificate } from '../administration/browserCertificate/requestBrowserCertificate.ts'
import { renewTlsCertificate } from '../administration/ensureTlsCertificate.ts'
import type { Context } from '../context.ts'
import { readCertificate } from '../pki/certificate.ts'
import { findTlsCertificate } from '../storage/tlsCertificates.ts'
import { operator } from './operator.ts'

const brought = z.strictObject({ certificate: z.string(), privateKey: z.string().optional() })

/** What `server certificate` does with the certificate of 8443, by name; each gives its data. */
export const certificateActs: Record<string, (context: Context) => Promise<object>> = {
  show,
  csr: context => requestBrowserCertificate(context, operator),
  import: async context => {
    const given = brought.safeParse(JSON.parse(await text(process.stdin)))
    if (!given.success)
      throw new Error('Give {"certificate": PEM, "privateKey": PEM} on standard input; without the key, that of the request.')
    await importBrowserCertificate(context, operator, given.data)
    return show(context)
  },
  'self-signed': async context => {
    await renewTlsCertificate(context, 'browser')
    return show(context)
  },
}

async function show({ storage, clock }: Context) {
  const found = await findTlsCertificate(storage.db, 'browser')
  if (!found) throw new Error('The server has not started yet: it makes its certificate at its first start.')
  const { x509, notBefore, notAfter } = readCertificate(found.chain)
  return {
    subject: x509.subject,
    issuer: x509.issuer,
    hosts: x509.subjectAltName ?? null,
    notBefore,
    notAfter,
    daysLeft: Math.floor((notAfter.getTime() - clock.now().getTime()) / 86_400_000),
    fingerprint: `SHA256 ${x509.fingerprint256}`,
    ownRoot: found.rootKey !== null,
  }
}
