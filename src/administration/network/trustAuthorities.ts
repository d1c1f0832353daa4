import type { Context } from '../../context.ts'
import { fingerprintOf, issuerOf, nameOf, readTrustAnchors } from '../../pki/trustAnchors.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { insertTrustedAuthority, listTrustedAuthorities } from '../../storage/trustedAuthorities.ts'

/** Each connection to the cloud reads them all. */
const mostOfAll = 500

/**
 * Takes authorities into the trust store, one or many in PEM: all of them, or none where one is refused. Gives how many are new; one that is there
 * already stays as it is. They are believed from the next connection on.
 */
export async function trustAuthorities(context: Context, who: Person, pem: string): Promise<{ added: number; known: number }> {
  const at = context.clock.now()
  const certificates = readTrustAnchors(pem, at)
  return context.storage.transaction(async tx => {
    const added: string[] = []
    for (const certificate of certificates) {
      const name = nameOf(certificate)
      const { notBefore, notAfter } = certificate
      const row = { fingerprint: fingerprintOf(certificate), certificate: certificate.pem, name, issuer: issuerOf(certificate) }
      if (await insertTrustedAuthority(tx, { ...row, notBefore, notAfter, addedAt: at, addedBy: who.name })) added.push(name)
    }
    const all = (await listTrustedAuthorities(tx)).length
    refuseUnless(all <= mostOfAll, 'INVALID', `The trust store holds at most ${mostOfAll} authorities. Remove some first.`, 'certificates')
    for (const name of added) {
      const message = `The authority ${name} was taken into the trust store.`
      await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
    }
    return { added: added.length, known: certificates.length - added.length }
  })
}
