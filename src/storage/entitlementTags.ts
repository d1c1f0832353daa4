import type { SubstitutionRule } from '../rules/compliance.ts'
import type { EntitlementTag } from '../rules/entitlements.ts'
import type { Db } from './db.ts'

/** The catalog's rows for these tags, by tag; a tag that is missing is one that nobody knows. */
export async function findEntitlementTags(db: Db, tags: string[]): Promise<Map<string, EntitlementTag>> {
  const result = await db.raw(
    `select t.id, t.tag, t.display_name as "displayName", t.description, t.license_type as "licenseType", t.export_restricted as "exportRestricted"
     from entitlement_tags t where t.tag = any(?)`,
    [[...new Set(tags)]],
  )
  return new Map(result.rows.map((row: EntitlementTag) => [row.tag, row]))
}

/** Which tag may stand in for which, as the catalog says. */
export async function listSubstitutionRules(db: Db): Promise<SubstitutionRule[]> {
  const result = await db.raw(
    'select s.tag_id as "tagId", s.stands_in_for_tag_id as "standsInForTagId", s.distance from entitlement_substitutions s',
  )
  return result.rows
}
