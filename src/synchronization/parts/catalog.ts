import { settleAuthorizations } from '../../licensing/settleAuthorizations.ts'
import type { LicenseType } from '../../rules/entitlements.ts'
import { lockLocalVirtualAccounts } from '../../storage/authorizations.ts'
import type { Db } from '../../storage/db.ts'
import { findEntitlementTags, replaceSubstitutionRules, upsertEntitlementTags } from '../../storage/entitlementTags.ts'
import { listLocalAccounts } from '../../storage/localAccounts.ts'
import { listLocalVirtualAccounts } from '../../storage/localVirtualAccounts.ts'
import type { Catalog } from '../../wire/exchange/catalog.ts'
import { licenseTypes } from '../../wire/exchange/entitlements.ts'

/** Puts the catalog in place: "complete: it replaces the catalog that was known". A tag that was known once stays, because usage may name it. */
export async function applyCatalog(tx: Db, catalog: Catalog, now: Date): Promise<void> {
  await upsertEntitlementTags(
    tx,
    catalog.tags.map(tag => ({
      tag: tag.tag,
      displayName: tag.display_name,
      description: tag.description,
      licenseType: licenseTypes.find(type => type === tag.license_type) ?? ('PERPETUAL' satisfies LicenseType),
      exportRestricted: tag.export_restricted,
    })),
  )
  const ids = await findEntitlementTags(
    tx,
    catalog.substitutions.flatMap(rule => [rule.tag, rule.stands_in_for]),
  )
  const rules = catalog.substitutions.flatMap(rule => {
    const [higher, lower] = [ids.get(rule.tag), ids.get(rule.stands_in_for)]
    return higher && lower ? [{ tagId: higher.id, standsInForTagId: lower.id, distance: rule.distance }] : []
  })
  if (await replaceSubstitutionRules(tx, rules)) await settleEverywhere(tx, now)
}

/** Which tag may stand in for which is the same for every account, so a change of it changes what every account rests on. */
async function settleEverywhere(tx: Db, now: Date): Promise<void> {
  const places = []
  for (const { id } of await listLocalAccounts(tx)) places.push(...(await listLocalVirtualAccounts(tx, id)))
  const touched = places.map(({ localAccountId, id }) => ({ localAccountId, localVirtualAccountId: id }))
  await lockLocalVirtualAccounts(tx, touched)
  await settleAuthorizations(tx, touched, now)
}
