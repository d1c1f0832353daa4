import type { Context } from '../../src/context.ts'
import { applyConversionDecisions } from '../../src/licensing/endConversions.ts'
import { listConversionClaims } from '../../src/storage/conversionClaims.ts'
import type { ConversionClaim, ConversionDecision } from '../../src/wire/exchange/conversions.ts'

/** The lines of an account that wait for the cloud. */
export const claimsOf = (
  { storage }: Pick<Context, 'storage'>,
  localAccountId: number,
  most = { lines: 100_000, bytes: 1_000_000 },
): Promise<ConversionClaim[]> => listConversionClaims(storage.db, localAccountId, most)

/** Brings the cloud's word on each line of an account that waits, without a cloud: converted one to one into `tag`, or as a test says. */
export async function decideAll(
  { storage, clock }: Pick<Context, 'storage' | 'clock'>,
  localAccountId: number,
  tag: string,
  word: (line: number) => Partial<ConversionDecision> = () => ({}),
): Promise<void> {
  const decisions = (await claimsOf({ storage }, localAccountId)).map(
    ({ conversion_id, product_instance_identifier, line, count }): ConversionDecision => ({
      ...{ conversion_id, product_instance_identifier, line, status: 'CONVERTED', tag, count, message: null },
      ...word(line),
    }),
  )
  await storage.transaction(tx => applyConversionDecisions(tx, localAccountId, decisions, clock.now()))
}
