import { applyConversionDecisions } from '../../licensing/endConversions.ts'
import { claimsAtOnce } from '../../rules/conversions.ts'
import { listConversionClaims } from '../../storage/conversionClaims.ts'
import type { Db } from '../../storage/db.ts'
import type { ConversionClaim, ConversionDecision } from '../../wire/exchange/conversions.ts'

/** `conversions[]` of a request: every line that the cloud has not decided. "Sent again until it is answered", in a full one too. */
export const writeConversions = (tx: Db, localAccountId: number): Promise<ConversionClaim[]> =>
  listConversionClaims(tx, localAccountId, claimsAtOnce)

/** `conversions[]` of a response: what the cloud decided. Its deposits are among the response's entitlements. */
export const applyConversions = (tx: Db, localAccountId: number, decisions: ConversionDecision[], now: Date): Promise<void> =>
  applyConversionDecisions(tx, localAccountId, decisions, now)
