import { softwareTagOf } from '../../../src/lab/product/agent/identity.ts'
import type { Catalog } from './catalog.ts'
import type { Tx } from './made.ts'

/** What a kind uses: one of these licenses, so and so many of it. */
type Need = { oneOf: string[]; least: number; most: number }
type Kind = { role: string; pid: string; paired: boolean; needs: Need[] }

const one = (...oneOf: string[]): Need => ({ oneOf, least: 1, most: 1 })
const many = (least: number, most: number, ...oneOf: string[]): Need => ({ oneOf, least, most })
/** Five in ten take the lowest tier, one in ten the highest. */
const tierOf = (family: string): Need =>
  one(
    ...[
      'Essentials',
      'Essentials',
      'Essentials',
      'Essentials',
      'Essentials',
      'Advantage',
      'Advantage',
      'Advantage',
      'Advantage',
      'Premier',
    ].map(level => `${family} ${level}`),
  )

const access = (role: string, pid: string): Kind => ({ role, pid, paired: false, needs: [tierOf('Access')] })
const branch = (role: string, pid: string): Kind => ({
  role,
  pid,
  paired: false,
  needs: [tierOf('Branch'), one('Throughput 100 Mbit/s', 'Throughput 100 Mbit/s', 'Throughput 1 Gbit/s')],
})
const controller: Kind = {
  role: 'wlc',
  pid: 'QW-9840',
  paired: true,
  needs: [many(40, 400, 'Wireless Access Point', 'Wireless Access Point', 'Wireless Access Point', 'Outdoor Access Point')],
}

/** Twenty instances of a site: three that use three licenses, four that use two, thirteen that use one. */
const kinds: Kind[] = [
  {
    role: 'cor',
    pid: 'QR-8202',
    paired: true,
    needs: [tierOf('Core'), many(1, 4, 'Throughput 10 Gbit/s', 'Throughput 100 Gbit/s'), one('Link Encryption', 'Assurance')],
  },
  access('acc-a', 'QS-4848-PS'),
  access('acc-b', 'QS-4824-T'),
  {
    role: 'fw',
    pid: 'QF-3120',
    paired: true,
    needs: [one('Threat Defence', 'Threat Defence', 'Malware Defence', 'Address Reputation'), many(25, 250, 'Remote Access Session')],
  },
  access('acc-c', 'QS-4848-PS'),
  access('acc-d', 'QS-4848-T'),
  branch('rtr-a', 'QR-1121-4P'),
  {
    role: 'dcs',
    pid: 'QS-9336-C',
    paired: false,
    needs: [tierOf('Data Centre'), one('Storage Networking'), one('Automation', 'Assurance')],
  },
  controller,
  access('acc-e', 'QS-4824-T'),
  { role: 'dis', pid: 'QS-5500-24X', paired: false, needs: [tierOf('Core')] },
  access('acc-f', 'QS-4848-PS'),
  branch('rtr-b', 'QR-1161-8P'),
  { role: 'prb', pid: 'QT-100', paired: false, needs: [one('Telemetry Probe')] },
  {
    role: 'agg',
    pid: 'QR-4461',
    paired: true,
    needs: [tierOf('Aggregation'), one('Throughput 1 Gbit/s', 'Throughput 10 Gbit/s'), one('Strong Cryptography', 'Segmentation')],
  },
  access('acc-g', 'QS-4848-T'),
  { ...controller, role: 'wlc-b' },
  { role: 'nac', pid: 'QI-3700', paired: false, needs: [many(100, 1000, 'Identity')] },
  { role: 'sbc', pid: 'QV-500', paired: false, needs: [many(50, 500, 'Voice Session'), many(5, 50, 'Video Session')] },
  access('acc-h', 'QS-4824-T'),
]

/** Lays the kinds out as two tables of this transaction: `kinds`, and `needs` with the catalog's numbers. */
export async function layOutKinds(tx: Tx, catalog: Catalog): Promise<void> {
  await tx.raw('create temporary table kinds (kind integer, role text, pid text, paired boolean, software_tag text) on commit drop')
  await tx.raw(
    'create temporary table needs (kind integer, position integer, tag_ids integer[], least integer, most integer) on commit drop',
  )
  await tx('kinds').insert(kinds.map(({ role, pid, paired }, kind) => ({ kind, role, pid, paired, software_tag: softwareTagOf(pid) })))
  await tx('needs').insert(
    kinds.flatMap(({ needs }, kind) =>
      needs.map(({ oneOf, least, most }, position) => ({ kind, position, least, most, tag_ids: oneOf.map(name => catalog.get(name)!.id) })),
    ),
  )
}
