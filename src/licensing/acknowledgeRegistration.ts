import type { Context } from '../context.ts'
import { makeCertificatesCurrent } from '../storage/certificates.ts'
import type { Db } from '../storage/db.ts'
import { markAcknowledged, touchContact } from '../storage/productInstances.ts'
import { answerOnce, type Receipt } from './answerOnce.ts'

type SignedBy = { localAccountId: number; productInstanceId: string; certificateSerial: string }

/** "REGISTRATION_ACK (signed with the new ID key): state REGISTERED". */
export const acknowledgeRegistration = (context: Context, receipt: Receipt, signed: SignedBy, write: () => string): Promise<string> =>
  answerOnce(context, receipt, async tx => {
    const now = context.clock.now()
    await touchContact(tx, signed.localAccountId, signed.productInstanceId, now)
    await acknowledgeCertificates(tx, [signed], now)
    return write()
  })

/**
 * Takes the first message under a certificate for its acknowledgement: "any signed message" makes PENDING_ACK REGISTERED, and a renewed
 * certificate takes the place of the one before it (wire-device 5.5, 5.10). Those that were acknowledged before are left as they are.
 */
export async function acknowledgeCertificates(tx: Db, signed: SignedBy[], now: Date): Promise<void> {
  if (signed.length === 0) return
  const acknowledged = await makeCertificatesCurrent(tx, signed)
  await markAcknowledged(tx, acknowledged, now)
}
