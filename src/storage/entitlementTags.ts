import type { SubstitutionRule } from '../rules/compliance.ts'
import type { EntitlementTag } from '../rules/entitlements.ts'
import type { Db } from './db.ts'
import { runPrepared } from './prepared.ts'

/** The catalog's rows for these tags, by tag; a tag that is missing is one that nobody knows. */
export async function findEntitlementTags(db: Db, tags: string[]): Promise<Map<string, EntitlementTag>> {
  const result = await runPrepared(
    db,
    `select t.id, t.tag, t.display_name as "displayName", t.description, t.license_type as "licenseType", t.export_restricted as "exportRestricted"
     from entitlement_tags t where t.tag = any(?)`,
    [[...new Set(tags)]],
  )
  return new Map(result.rows.map((row: EntitlementTag) => [row.tag, row]))
}

/** "`{tag}`": the catalog's row of a tag or, where there is no such tag, of a name, whatever its capitals. */
export async function findEntitlementTag(db: Db, tagOrName: string): Promise<EntitlementTag | undefined> {
  const result = await db.raw(
    `select t.id, t.tag, t.display_name as "displayName", t.description, t.license_type as "licenseType", t.export_restricted as "exportRestricted"
     from entitlement_tags t where t.tag = :sought or lower(t.display_name) = lower(:sought) order by t.tag <> :sought, t.id limit 1`,
    { sought: tagOrName },
  )
  return result.rows[0]
}

/** The catalog's rows by their numbers. */
export async function listEntitlementTags(db: Db, ids: number[]): Promise<Map<number, EntitlementTag>> {
  const result = await db.raw(
    `select t.id, t.tag, t.display_name as "displayName", t.description, t.license_type as "licenseType", t.export_restricted as "exportRestricted"
     from entitlement_tags t where t.id = any(?) order by t.tag`,
    [[...new Set(ids)]],
  )
  return new Map(result.rows.map((row: EntitlementTag) => [row.id, row]))
}

/** Which tag may stand in for which, as the catalog says. */
export async function listSubstitutionRules(db: Db): Promise<SubstitutionRule[]> {
  const result = await runPrepared(
    db,
    'select s.tag_id as "tagId", s.stands_in_for_tag_id as "standsInForTagId", s.distance from entitlement_substitutions s',
    [],
  )
  return result.rows
}

/**
 * Brings the catalog's tags up to date. Only what changes is touched, in the order of the tags: two accounts that synchronize at one moment
 * bring the same catalog.
 */
export async function upsertEntitlementTags(db: Db, tags: Omit<EntitlementTag, 'id'>[]): Promise<void> {
  const columns = [
    tags.map(tag => tag.tag),
    tags.map(tag => tag.displayName),
    tags.map(tag => tag.description),
    tags.map(tag => tag.licenseType),
    tags.map(tag => tag.exportRestricted),
  ]
  await db.raw(
    `insert into entitlement_tags (tag, display_name, description, license_type, export_restricted)
     select g.* from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[]) as g (tag) order by g.tag
     on conflict (tag) do nothing`,
    columns,
  )
  await db.raw(
    `update entitlement_tags t
     set display_name = g.display_name, description = g.description, license_type = g.license_type, export_restricted = g.export_restricted
     from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::boolean[]) as g (tag, display_name, description, license_type, export_restricted)
     where t.tag = g.tag and (t.display_name, t.description, t.license_type, t.export_restricted)
       is distinct from (g.display_name, g.description, g.license_type, g.export_restricted)`,
    columns,
  )
}

/** Puts the catalog's rules of substitution in place of those before, and says whether that changed anything. */
export async function replaceSubstitutionRules(db: Db, rules: SubstitutionRule[]): Promise<boolean> {
  const result = await db.raw(
    `with given as (select * from unnest(:tags::integer[], :lower::integer[], :distances::integer[]) as g (tag_id, lower_id, distance)),
     gone as (
       delete from entitlement_substitutions s where not exists (
         select 1 from given g where g.tag_id = s.tag_id and g.lower_id = s.stands_in_for_tag_id)
       returning 1),
     put as (
       insert into entitlement_substitutions as s (tag_id, stands_in_for_tag_id, distance)
       select * from given order by lower_id, tag_id
       on conflict (stands_in_for_tag_id, tag_id) do update set distance = excluded.distance where s.distance <> excluded.distance
       returning 1)
     select (select count(*) from gone) + (select count(*) from put) as changed`,
    {
      tags: rules.map(rule => rule.tagId),
      lower: rules.map(rule => rule.standsInForTagId),
      distances: rules.map(rule => rule.distance),
    },
  )
  return result.rows[0].changed > 0
}
