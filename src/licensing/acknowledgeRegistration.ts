import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { countCertificates, makeCertificatesCurrent } from '../storage/certificates.ts'
import type { Db } from '../storage/db.ts'
import { markAcknowledged, touchContacts } from '../storage/productInstances.ts'
import { answerTogether, type Receipt } from './answerOnce.ts'

type SignedBy = { localAccountId: number; productInstanceId: string; certificateSerial: string }

/** A message under a certificate that asks for nothing else, and how its reply is written. */
export type Acknowledgement = { receipt: Receipt; signed: SignedBy; write(): string }

/** "REGISTRATION_ACK (signed with the new ID key): state REGISTERED": a group of them in one transaction. A group names an instance at most once. */
export const acknowledgeRegistrations = (context: Context, group: Acknowledgement[]): Promise<string[]> =>
  answerTogether(
    context,
    group.map(one => one.receipt),
    async tx => {
      const now = context.clock.now()
      const signed = group.map(one => one.signed)
      await hearFrom(tx, signed, now)
      await acknowledgeCertificates(tx, signed, now)
      return group.map(one => one.write())
    },
  )

/**
 * Marks that the senders of messages were heard of, and holds them until the end of the transaction. Refuses with UNKNOWN_INSTANCE when a certificate that
 * signed has ended since its message was let in, by a registration with force: "old cert dead at once" (wire-device 5.5).
 */
export async function hearFrom(tx: Db, signed: SignedBy[], now: Date): Promise<void> {
  const [, count] = await Promise.all([touchContacts(tx, signed, now), countCertificates(tx, signed)])
  refuseUnless(count === signed.length, 'UNKNOWN_INSTANCE', 'The product instance is not known.', 'product_instance_identifier')
}

/**
 * Takes the first message under a certificate for its acknowledgement: "any signed message" makes PENDING_ACK REGISTERED, and a renewed
 * certificate takes the place of the one before it (wire-device 5.5, 5.10). Those that were acknowledged before are left as they are.
 */
export async function acknowledgeCertificates(tx: Db, signed: SignedBy[], now: Date): Promise<void> {
  if (signed.length === 0) return
  const acknowledged = await makeCertificatesCurrent(tx, signed)
  await markAcknowledged(tx, acknowledged, now)
}
