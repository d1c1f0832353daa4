import type { SubstitutionRule } from '../../../src/rules/compliance.ts'
import type { EntitlementTag, LicenseType } from '../../../src/rules/entitlements.ts'
import type { Db } from '../../../src/storage/db.ts'
import { findEntitlementTags, replaceSubstitutionRules, upsertEntitlementTags } from '../../../src/storage/entitlementTags.ts'
import { deterministicUuid } from './deterministic.ts'

/** Families of equipment that are licensed by tier, and the tiers from the lowest. */
export const families = ['Access', 'Core', 'Branch', 'Data Centre', 'Aggregation'] as const
export const tiers = ['Essentials', 'Advantage', 'Premier'] as const
const bandwidths = ['100 Mbit/s', '1 Gbit/s', '10 Gbit/s', '100 Gbit/s'] as const

const others: [name: string, type: LicenseType, description: string][] = [
  ['Wireless Access Point', 'TERM', 'One access point on a controller'],
  ['Outdoor Access Point', 'TERM', 'One outdoor access point on a controller'],
  ['Threat Defence', 'SUBSCRIPTION', 'Inspection of traffic against known attacks'],
  ['Address Reputation', 'SUBSCRIPTION', 'Categories and reputation of addresses'],
  ['Malware Defence', 'SUBSCRIPTION', 'Inspection of files'],
  ['Remote Access Session', 'SUBSCRIPTION', 'One remote user at a time'],
  ['Voice Session', 'PERPETUAL', 'One call at a time'],
  ['Video Session', 'PERPETUAL', 'One video call at a time'],
  ['Telemetry Probe', 'DEMO', 'Flow records, for evaluation'],
  ['Assurance', 'SUBSCRIPTION', 'Health and causes, for each device'],
  ['Automation', 'SUBSCRIPTION', 'Changes by template'],
  ['Identity', 'TERM', 'One endpoint that is known by name'],
  ['Strong Cryptography', 'PERPETUAL', 'Export-controlled functionality'],
  ['Link Encryption', 'PERPETUAL', 'Encryption on the wire'],
  ['Segmentation', 'PERPETUAL', 'Networks within the network'],
  ['Storage Networking', 'PERPETUAL', 'Disks over the network'],
  ['Power Management', 'PERPETUAL', 'Bought with other things and used by nobody'],
  ['Video Surveillance', 'TERM', 'Bought with other things and used by nobody'],
]

const throughput = (bandwidth: string) => `Throughput ${bandwidth}`
const tier = (family: string, level: string) => `${family} ${level}`

const catalog: Omit<EntitlementTag, 'id'>[] = [
  ...families.flatMap(family =>
    tiers.map((level, height) =>
      row(tier(family, level), height === 2 ? 'SUBSCRIPTION' : 'PERPETUAL', `${level} for the ${family.toLowerCase()} network`),
    ),
  ),
  ...bandwidths.map(bandwidth => row(throughput(bandwidth), 'PERPETUAL', `Encrypted throughput of ${bandwidth}`)),
  ...others.map(([name, type, description]) => row(name, type, description)),
]

function row(displayName: string, licenseType: LicenseType, description: string): Omit<EntitlementTag, 'id'> {
  const slug = displayName.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
  const tag = `regid.2024-05.com.example.${slug},1.0_${deterministicUuid(`tag ${slug}`)}`
  return { tag, displayName, description, licenseType, exportRestricted: displayName === 'Strong Cryptography' }
}

/** Each name of a ladder may stand in for those below it. */
const ladder = (names: string[]) =>
  names.flatMap((higher, height) => names.slice(0, height).map((lower, depth) => ({ higher, lower, distance: height - depth })))

/** The catalog's numbers by display name. */
export type Catalog = Map<string, EntitlementTag>

/** Puts the catalog and its rules of substitution in place. */
export async function insertCatalog(db: Db): Promise<Catalog> {
  await upsertEntitlementTags(db, catalog)
  const byTag = await findEntitlementTags(
    db,
    catalog.map(({ tag }) => tag),
  )
  const byName = new Map([...byTag.values()].map(tag => [tag.displayName, tag]))
  const ladders = [...families.map(family => tiers.map(level => tier(family, level))), bandwidths.map(throughput)]
  const rules = ladders.flatMap(ladder).map(
    ({ higher, lower, distance }): SubstitutionRule => ({
      tagId: byName.get(higher)!.id,
      standsInForTagId: byName.get(lower)!.id,
      distance,
    }),
  )
  await replaceSubstitutionRules(db, rules)
  return byName
}
