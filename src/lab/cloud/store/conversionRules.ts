import type { ConversionRule } from '../../../wire/exchange/catalog.ts'
import { type ConversionSource, conversionSources } from '../../../wire/messages/conversion.ts'
import { refuseUnless } from '../refusal.ts'
import type { Db } from './database.ts'

const columns = "source, sku, nullif(feature, '') as feature, tag, factor"

/** Which traditional licenses may be converted, and into what. */
export const listConversionRules = (db: Db): ConversionRule[] =>
  db.all<ConversionRule>(`select ${columns} from conversion_rules order by source, sku, feature`).map(rule => ({ ...rule }))

/** The row for a traditional license: that of its feature, else that of any. */
export const findConversionRule = (db: Db, source: ConversionSource, sku: string, feature: string | null): ConversionRule | undefined =>
  db.one(
    `select ${columns} from conversion_rules where source = ? and sku = ? and feature in (?, '') order by feature = '' limit 1`,
    source,
    sku,
    feature ?? '',
  )

/** Lets a traditional license be converted; a row for the same is replaced. Refuses what is none, and a tag that is not in the catalog. */
export function addConversionRule(db: Db, { source, sku, feature, tag, factor }: ConversionRule): void {
  const isName = (text: string) => text.length <= 128 && !/\p{Cc}/u.test(text)
  refuseUnless(conversionSources.includes(source), 'INVALID', 'Choose where the traditional license comes from.')
  refuseUnless(sku && isName(sku) && isName(feature ?? ''), 'INVALID', 'Give an SKU, and perhaps a feature, of 1 to 128 characters.')
  refuseUnless(db.one('select 1 from tags where tag = ?', tag), 'INVALID', 'Choose a license of the catalog.')
  const isFactor = Number.isInteger(factor) && factor >= 1 && factor <= 1_000_000
  refuseUnless(isFactor, 'INVALID', 'Give a whole number from 1 to 1,000,000 as the factor.')
  db.run('insert or replace into conversion_rules values (?, ?, ?, ?, ?)', source, sku, feature ?? '', tag, factor)
}
