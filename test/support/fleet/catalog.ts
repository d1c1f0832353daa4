import type { Db } from '../../../src/storage/db.ts'

/** What can be bought: name, type, description. */
export const catalog: [name: string, type: string, description: string][] = [
  ['Network Essentials', 'PERPETUAL', 'Routing and switching, the foundation tier'],
  ['Network Advantage', 'PERPETUAL', 'Routing and switching with segmentation and telemetry'],
  ['Network Premier', 'SUBSCRIPTION', 'Everything of Advantage, with assurance'],
  ['Throughput 1 Gbit/s', 'PERPETUAL', 'Encrypted throughput of a branch router'],
  ['Throughput 10 Gbit/s', 'PERPETUAL', 'Encrypted throughput of an aggregation router'],
  ['Wireless Access Point', 'TERM', 'One access point on a controller'],
  ['Threat Defence', 'SUBSCRIPTION', 'Inspection and reputation feeds'],
  ['Remote Access Session', 'SUBSCRIPTION', 'One concurrent remote user'],
  ['Voice Session Border', 'PERPETUAL', 'One concurrent call'],
  ['Strong Cryptography', 'PERPETUAL', 'Export-controlled functionality'],
  ['Traffic Telemetry', 'DEMO', 'Flow records, for evaluation'],
]

const standIns: [string, string, number][] = [
  ['Network Advantage', 'Network Essentials', 1],
  ['Network Premier', 'Network Advantage', 1],
  ['Network Premier', 'Network Essentials', 2],
  ['Throughput 10 Gbit/s', 'Throughput 1 Gbit/s', 1],
]

/** Puts the catalog in place, and gives each tag's number by its name. */
export async function insertCatalog(db: Db): Promise<Record<string, number>> {
  const slug = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  const { rows } = await db.raw(
    `insert into entitlement_tags (tag, display_name, license_type, description, export_restricted)
     select *, name = 'Strong Cryptography' from unnest(?::text[], ?::text[], ?::text[], ?::text[]) as c (tag, name, type, description)
     on conflict (tag) do update set display_name = excluded.display_name returning id, display_name as name`,
    [
      catalog.map(([name]) => `regid.2024-05.example.net.${slug(name)},1.0_${Buffer.from(slug(name)).toString('hex').slice(0, 12)}`),
      catalog.map(([name]) => name),
      catalog.map(([, type]) => type),
      catalog.map(([, , description]) => description),
    ],
  )
  const tags = Object.fromEntries(rows.map((row: { id: number; name: string }) => [row.name, row.id]))
  for (const [higher, lower, distance] of standIns) {
    await db.raw('insert into entitlement_substitutions (tag_id, stands_in_for_tag_id, distance) values (?, ?, ?) on conflict do nothing', [
      tags[higher],
      tags[lower],
      distance,
    ])
  }
  return tags
}
