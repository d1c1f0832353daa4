import type { KeyObject } from 'node:crypto'
import type { Context } from '../context.ts'
import type { ProductInstance } from '../rules/productInstances.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { demoteCertificates, insertCertificate } from '../storage/certificates.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { touchContacts } from '../storage/productInstances.ts'
import { acknowledgeCertificates } from './acknowledgeRegistration.ts'
import { answerOnce, type Receipt } from './answerOnce.ts'
import { type Identity, issueIdentity } from './prepareRegistration.ts'

/**
 * "ID_CERT_RENEWAL (signed with the current key): new or same key. Old cert stays valid until ack or its own end" (wire-device 5.5). Of two
 * renewals without an acknowledgement between them, the later certificate is the only new one.
 * Refuses with UNKNOWN_INSTANCE when the instance, or the certificate it signed with, went while the new one was made.
 */
export async function renewRegistration(
  context: Context,
  receipt: Receipt,
  { instance, certificateSerial, publicKey }: { instance: ProductInstance; certificateSerial: string; publicKey: KeyObject },
  write: (identity: Identity) => string,
): Promise<string> {
  const now = context.clock.now()
  const identity = await issueIdentity(context, instance, publicKey, now)
  const key = { localAccountId: instance.localAccountId, productInstanceId: instance.id }
  return answerOnce(context, receipt, async tx => {
    await touchContacts(tx, [key], now)
    await acknowledgeCertificates(tx, [{ ...key, certificateSerial }], now)
    const isThere = await demoteCertificates(tx, key, certificateSerial)
    refuseUnless(isThere, 'UNKNOWN_INSTANCE', 'The product instance is not known.', 'product_instance_identifier')
    await insertCertificate(tx, { ...key, ...identity.certificate, state: 'unacknowledged' })
    await tellOfRenewal(tx, identity)
    return write(identity)
  })
}

const tellOfRenewal = (tx: Db, { instance, certificate, issuedAt }: Identity) =>
  recordEvent(tx, {
    localAccountId: instance.localAccountId,
    localVirtualAccountId: instance.localVirtualAccountId,
    productInstanceId: instance.id,
    at: issuedAt,
    kind: 'product instance renewed',
    message: `${instance.name} renewed its ID certificate until ${certificate.notAfter.toISOString().slice(0, 10)}.`,
    who: instance.name,
  })
