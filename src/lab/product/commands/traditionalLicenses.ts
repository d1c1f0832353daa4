import { type ConversionSource, conversionSources } from '../../../wire/messages/conversion.ts'
import { isTag } from '../../../wire/udi.ts'
import type { TraditionalLicense } from '../agent/state.ts'
import { UsageError } from './command.ts'
import type { Laboratory } from './laboratory.ts'

const bySku = (source: ConversionSource, sku: string, count: number): TraditionalLicense => ({
  source,
  sku,
  feature: null,
  tag: null,
  count,
})

/** What a product of the laboratory owns from the time before smart licensing, where nobody says otherwise. */
const usualLicenses: readonly TraditionalLicense[] = [
  bySku('CLASSIC', 'EX-ADV-PERM', 2),
  bySku('RTU', 'EX-ESS-RTU', 3),
  bySku('PAK', 'EX-THR-10G', 1),
]

/**
 * The licenses of `--license`, or the usual ones: `SOURCE:NAME:COUNT`, with a feature behind it where there is one. NAME is an SKU, or a tag or
 * its short name in the laboratory where it is known what the license becomes. Throws UsageError for what is none.
 */
export function traditionalLicensesFrom(
  items: readonly string[] | undefined,
  laboratory: Laboratory | undefined,
): readonly TraditionalLicense[] {
  if (!items?.length) return usualLicenses
  const licenses = items.map(item => licenseFrom(item, laboratory))
  const names = licenses.map(({ source, sku, feature, tag }) => JSON.stringify([source, sku, feature, tag]))
  if (new Set(names).size < names.length) throw new UsageError('--license names a license twice: add up their counts.')
  if (licenses.length > 1000) throw new UsageError('A conversion has 1000 licenses at most.')
  return licenses
}

function licenseFrom(item: string, laboratory: Laboratory | undefined): TraditionalLicense {
  const [first = '', name = '', number = '', feature = ''] = item.split(':')
  const source = conversionSources.find(each => each === first.toUpperCase())
  const count = Number(number)
  const isName = (text: string) => /^[^\p{Cc}]{0,128}$/u.test(text)
  const isCount = /^\d{1,10}$/.test(number) && count >= 1 && count < 2 ** 31
  const tag = laboratory?.tags[name] ?? (isTag(name) ? name : null)
  if (!source || !name || !isCount || !isName(feature) || !(tag || isName(name)) || item.split(':').length > 4) {
    throw new UsageError(
      `'${item}' is no traditional license: write SOURCE:SKU:COUNT, such as PAK:EX-THR-10G:2; SOURCE is ${conversionSources.join(', ')}.`,
    )
  }
  return { source, sku: tag ? null : name, feature: feature || null, tag, count }
}
