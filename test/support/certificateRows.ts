import { insertCertificate } from '../../src/storage/certificates.ts'
import type { Db } from '../../src/storage/db.ts'

/** The serial number of the one certificate that a test's instance has: made of its identifier, so that nothing must be kept. */
export const onlySerialOf = (productInstanceId: string): string => String(BigInt(`0x${productInstanceId.replaceAll('-', '')}`) % 10n ** 18n)

/** Gives an instance that is no more than rows a certificate that is no more than a row. */
export const insertOnlyCertificate = (db: Db, key: { localAccountId: number; productInstanceId: string }, now: Date): Promise<void> =>
  insertCertificate(db, {
    ...key,
    serial: onlySerialOf(key.productInstanceId),
    state: 'current',
    der: Buffer.of(0x30),
    notBefore: now,
    notAfter: new Date(now.getTime() + 31_536_000_000),
  })
