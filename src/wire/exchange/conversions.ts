import type { z } from 'zod'
import { uuid } from '../fields.ts'
import { conversionLine, conversionResult } from '../messages/conversion.ts'

const ofProduct = { conversion_id: uuid, product_instance_identifier: uuid }

/** A line of a device-led conversion that the cloud has not decided yet. Sent again until it is answered. */
export const conversionClaim = conversionLine.extend(ofProduct)
export type ConversionClaim = z.output<typeof conversionClaim>

/** What the cloud decided about one line. What it converts arrives as an entitlement in the same response. */
export const conversionDecision = conversionResult.extend(ofProduct)
export type ConversionDecision = z.output<typeof conversionDecision>
