import { z } from 'zod'
import { integer, name, optional, text, uuid } from '../fields.ts'

export const conversionSources = ['PAK', 'RTU', 'CLASSIC'] as const
export type ConversionSource = (typeof conversionSources)[number]

/** One traditional license a product owns. `tag` where it knows what it becomes, `proof` where it has one. */
export const conversionLine = z.object({
  line: integer(0),
  source: z.enum(conversionSources),
  sku: optional(name(128)),
  feature: optional(name(128)),
  count: integer(1, 2 ** 31 - 1),
  tag: optional(name(255)),
  serial: optional(name(64)),
  proof: optional(text(0, 4096)),
})
export type ConversionLine = z.output<typeof conversionLine>

/** DLC: device-led conversion of traditional licenses. Idempotent by `conversion_id`. */
export const conversionRequest = z.object({
  conversion_id: uuid,
  conversions: z
    .array(conversionLine)
    .min(1, 'Must have 1 to 1000 conversions.')
    .max(1000, 'Must have 1 to 1000 conversions.')
    .refine(list => new Set(list.map(each => each.line)).size === list.length, 'Must not have a line twice.'),
})
export type ConversionRequest = z.output<typeof conversionRequest>

export const conversionStatuses = ['CONVERTED', 'ALREADY_CONVERTED', 'NOT_ELIGIBLE', 'PENDING_UPSTREAM'] as const
export type ConversionStatus = (typeof conversionStatuses)[number]

export const conversionResult = z.object({
  line: integer(0),
  status: z.enum(conversionStatuses),
  tag: optional(name(255)),
  count: integer(0),
  message: optional(text(0, 1024)),
})
export type ConversionResult = z.output<typeof conversionResult>

export const conversionReply = z.object({ conversion_id: uuid, results: z.array(conversionResult) })
export type ConversionReply = z.output<typeof conversionReply>
