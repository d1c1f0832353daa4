import type { Context } from '../../context.ts'
import { splitBundle } from '../../pki/certificate.ts'
import { privateKeyPem, readPrivateKey } from '../../pki/keys.ts'
import { readTlsChain } from '../../pki/tlsChain.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { dayInWords } from '../../rules/words.ts'
import { recordEvent } from '../../storage/events.ts'
import { upsertTlsCertificate } from '../../storage/tlsCertificates.ts'
import { sealedAs } from '../ensureTlsCertificate.ts'
import { waitingKey } from './requestBrowserCertificate.ts'

/** PEM: the certificate with its issuers, and its key, unless that waits here since the request. */
export type BroughtCertificate = { certificate: string; privateKey?: string | undefined }

/**
 * Puts a certificate that another authority made in the place of the one that 8443 shows, from the server's next start on. Refuses one that
 * belongs to no key, names no host or is past its dates; then nothing is changed.
 */
export async function importBrowserCertificate(context: Context, who: Person, brought: BroughtCertificate): Promise<{ notAfter: Date }> {
  const key = brought.privateKey ? readPrivateKey(brought.privateKey) : await waitingKey(context)
  refuseUnless(key, 'INVALID', 'Bring the key too, or make a request first: then the key is here.', 'privateKey')
  const at = context.clock.now()
  const { pem, certificate } = readTlsChain(brought.certificate, key, at)
  await context.storage.transaction(async tx => {
    await upsertTlsCertificate(tx, {
      purpose: 'browser',
      privateKey: context.secrets.seal(privateKeyPem(key), sealedAs('browser', 'key')),
      chain: pem,
      root: splitBundle(pem).at(-1)!,
      rootKey: null,
      notAfter: certificate.notAfter,
    })
    const message = `The certificate of the workspaces was replaced by one that is valid until ${dayInWords(certificate.notAfter)}.`
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
  })
  return { notAfter: certificate.notAfter }
}
