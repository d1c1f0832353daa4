import { z } from 'zod'
import { integer, name, optional, text } from '../fields.ts'
import { conversionSources } from '../messages/conversion.ts'
import { tag } from '../udi.ts'

/** What a tag means. A tag that is not in the catalog is answered INVALID_TAG to products. */
export const catalogTag = z.object({
  tag,
  display_name: text(1, 255),
  description: text(0, 1024),
  /** How it is usually sold; null when that differs by purchase. */
  license_type: optional(text(0, 64)),
  export_restricted: z.boolean(),
})
export type CatalogTag = z.output<typeof catalogTag>

/**
 * `tag` may stand in for `stands_in_for`, a higher tier for a lower one. `distance` counts the tiers between them (1 = the next tier): a
 * shortage is covered from the nearest first. The relation is written out in full and never chained: A for B and B for C does not
 * make A stand in for C.
 */
export const substitution = z
  .object({ tag, stands_in_for: tag, distance: integer(1, 1000) })
  .refine(rule => rule.tag !== rule.stands_in_for, 'A tag cannot stand in for itself.')
export type Substitution = z.output<typeof substitution>

/** A traditional license that may be converted (DLC): `count` of (source, sku, feature) becomes `count × factor` of `tag`. */
export const conversionRule = z.object({
  source: z.enum(conversionSources),
  sku: name(128),
  /** Null: any feature of this sku. */
  feature: optional(name(128)),
  tag,
  factor: integer(1, 1_000_000),
})
export type ConversionRule = z.output<typeof conversionRule>

/** What the cloud knows about licenses, complete: it replaces the catalog that was known. */
export const catalog = z.object({
  tags: z.array(catalogTag),
  substitutions: z.array(substitution),
  conversions: z.array(conversionRule),
})
export type Catalog = z.output<typeof catalog>

/** Rules the cloud sets for an account. Reserved for Smart Licensing Using Policy: kept as it comes and not acted on. */
export const policy = z.record(z.string(), z.unknown())
export type Policy = z.output<typeof policy>
