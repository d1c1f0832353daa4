import { makeCertificatesCurrent } from '../storage/certificates.ts'
import type { Db } from '../storage/db.ts'
import { markAcknowledged } from '../storage/productInstances.ts'

/**
 * Takes the first message under a certificate for its acknowledgement: "any signed message" makes PENDING_ACK REGISTERED, and a renewed
 * certificate takes the place of the one before it (wire-device 5.5, 5.10). Those that were acknowledged before are left as they are.
 */
export async function acknowledgeCertificates(
  tx: Db,
  signed: { localAccountId: number; productInstanceId: string; certificateSerial: string }[],
  now: Date,
): Promise<void> {
  if (signed.length === 0) return
  const acknowledged = await makeCertificatesCurrent(tx, signed)
  await markAcknowledged(tx, acknowledged, now)
}
