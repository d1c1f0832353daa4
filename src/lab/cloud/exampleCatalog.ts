import type { ConversionRule } from '../../wire/exchange/catalog.ts'
import type { Substitution, Tag } from './store/catalog.ts'

/** The tags that the laboratory's file names. */
export const tags = {
  advantage: 'regid.2020-01.com.example.NETWORK-ADVANTAGE,1.0_5a8f2f3e-3c0b-4b1e-9d58-6a1c1f0e7a01',
  essentials: 'regid.2020-01.com.example.NETWORK-ESSENTIALS,1.0_0c7a5d0e-7f6c-4d7b-8a27-2b9f5f4d3b02',
  throughput: 'regid.2020-01.com.example.THROUGHPUT-1G,1.0_8d1b6e62-19f4-4f5c-b3b0-4e7a9c2d5c03',
  security: 'regid.2020-01.com.example.SECURITY-HIGH,1.0_e2c94f5a-6b7d-4a1f-9c3e-7d8b1a0f6d04',
} as const

const premier = 'regid.2020-01.com.example.NETWORK-PREMIER,1.0_b7d3c1a9-2e5f-4c8b-a6d4-1f9e8c7b5e05'
const wireless = 'regid.2020-01.com.example.WIRELESS-ACCESS,2.0_3f6e9d2c-8b1a-4e7d-b5c2-9a4d6f8e1f06'

/** What the catalog of a new cloud has: a family of three tiers, and three licenses that stand alone. */
export const exampleTags: Tag[] = [
  {
    tag: premier,
    displayName: 'Network Premier',
    description: 'The highest tier of the network family.',
    licenseType: 'SUBSCRIPTION',
    exportRestricted: false,
  },
  {
    tag: tags.advantage,
    displayName: 'Network Advantage',
    description: 'The middle tier of the network family.',
    licenseType: null,
    exportRestricted: false,
  },
  {
    tag: tags.essentials,
    displayName: 'Network Essentials',
    description: 'The lowest tier of the network family.',
    licenseType: null,
    exportRestricted: false,
  },
  {
    tag: tags.throughput,
    displayName: 'Throughput 1 Gbit/s',
    description: 'One gigabit a second of encrypted throughput.',
    licenseType: 'SUBSCRIPTION',
    exportRestricted: false,
  },
  {
    tag: tags.security,
    displayName: 'High Security',
    description: 'Strong cryptography, for those who may have it.',
    licenseType: 'PERPETUAL',
    exportRestricted: true,
  },
  {
    tag: wireless,
    displayName: 'Wireless Access',
    description: 'One access point on a controller.',
    licenseType: 'TERM',
    exportRestricted: false,
  },
]

/** A higher tier may stand in for a lower one; the distance counts the tiers between them. */
export const exampleSubstitutions: Substitution[] = [
  { tag: tags.advantage, standsInFor: tags.essentials, distance: 1 },
  { tag: premier, standsInFor: tags.advantage, distance: 1 },
  { tag: premier, standsInFor: tags.essentials, distance: 2 },
]

/** What the traditional licenses of the laboratory's products become: one for one, in tens, and by a feature. */
export const exampleConversions: ConversionRule[] = [
  { source: 'CLASSIC', sku: 'EX-ADV-PERM', feature: null, tag: tags.advantage, factor: 1 },
  { source: 'RTU', sku: 'EX-ESS-RTU', feature: null, tag: tags.essentials, factor: 1 },
  { source: 'PAK', sku: 'EX-THR-10G', feature: null, tag: tags.throughput, factor: 10 },
  { source: 'PAK', sku: 'EX-SUITE', feature: 'security', tag: tags.security, factor: 1 },
]
