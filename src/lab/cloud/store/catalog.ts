import type { Catalog } from '../../../wire/exchange/catalog.ts'
import { isTag } from '../../../wire/udi.ts'
import { refuseUnless } from '../refusal.ts'
import { listConversionRules } from './conversionRules.ts'
import type { Db } from './database.ts'

export type Tag = { tag: string; displayName: string; description: string; licenseType: string | null; exportRestricted: boolean }
export type Substitution = { tag: string; standsInFor: string; distance: number }

/** The catalog's tags, by name. */
export const listTags = (db: Db): Tag[] =>
  db
    .all<Omit<Tag, 'exportRestricted'> & { exportRestricted: number }>(
      `select tag, display_name as displayName, description, license_type as licenseType, export_restricted as exportRestricted
       from tags order by display_name, tag`,
    )
    .map(row => ({ ...row, exportRestricted: row.exportRestricted === 1 }))

/** Which tag may stand in for which. */
export const listSubstitutions = (db: Db): Substitution[] =>
  db.all('select tag, stands_in_for as standsInFor, distance from substitutions order by tag, distance, stands_in_for')

/** Puts a tag into the catalog. Refuses what is no tag, and one that is there. */
export function addTag(db: Db, tag: Tag): void {
  refuseUnless(isTag(tag.tag), 'INVALID', 'A tag looks like regid.2020-01.com.example.NAME,1.0_ and a UUID.')
  refuseUnless(tag.displayName.trim(), 'INVALID', 'Give the license a name that people read.')
  refuseUnless(!db.one('select 1 from tags where tag = ?', tag.tag), 'INVALID', 'This tag is in the catalog already.')
  db.run(
    'insert into tags values (?, ?, ?, ?, ?)',
    tag.tag,
    tag.displayName.trim(),
    tag.description.trim(),
    tag.licenseType,
    Number(tag.exportRestricted),
  )
}

/** Lets a tag stand in for another. Refuses tags that are not in the catalog, and a tag for itself. */
export function addSubstitution(db: Db, { tag, standsInFor, distance }: Substitution): void {
  const known = db.all('select 1 from tags where tag in (?, ?)', tag, standsInFor).length === 2
  refuseUnless(known, 'INVALID', 'Choose two different tags of the catalog.')
  refuseUnless(Number.isInteger(distance) && distance >= 1 && distance <= 1000, 'INVALID', 'Give the number of tiers between them, from 1.')
  db.run('insert or replace into substitutions values (?, ?, ?)', tag, standsInFor, distance)
}

/** The catalog as it goes down. */
export const readCatalog = (db: Db): Catalog => ({
  tags: listTags(db).map(tag => ({
    tag: tag.tag,
    display_name: tag.displayName,
    description: tag.description,
    license_type: tag.licenseType,
    export_restricted: tag.exportRestricted,
  })),
  substitutions: listSubstitutions(db).map(each => ({ tag: each.tag, stands_in_for: each.standsInFor, distance: each.distance })),
  conversions: listConversionRules(db),
})
