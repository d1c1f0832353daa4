import { Router } from 'express'
import { licenseTypes } from '../../../wire/exchange/entitlements.ts'
import { type ConversionSource, conversionSources } from '../../../wire/messages/conversion.ts'
import type { Desk } from '../desk.ts'
import { addSubstitution, addTag, listSubstitutions, listTags } from '../store/catalog.ts'
import { addConversionRule, listConversionRules } from '../store/conversionRules.ts'
import { show } from './render.ts'

/** The catalog: tags, which may stand in for which, and what traditional licenses become. */
export function catalogPages({ database }: Desk): Router {
  const router = Router()
  router.get('/catalog', (_request, response) => {
    const tags = listTags(database.read)
    const nameOf = (tag: string) => tags.find(each => each.tag === tag)?.displayName ?? tag
    const substitutions = listSubstitutions(database.read).map(each => ({
      ...each,
      name: nameOf(each.tag),
      lowerName: nameOf(each.standsInFor),
    }))
    const conversions = listConversionRules(database.read).map(each => ({ ...each, name: nameOf(each.tag) }))
    show(response, 'catalog', { here: 'catalog', tags, substitutions, licenseTypes, conversions, conversionSources })
  })
  router.post('/catalog/tags', async (request, response) => {
    const fields = request.body as Record<string, string | undefined>
    await database.write(db =>
      addTag(db, {
        tag: fields.tag?.trim() ?? '',
        displayName: fields.displayName ?? '',
        description: fields.description ?? '',
        licenseType: fields.licenseType || null,
        exportRestricted: fields.exportRestricted === 'yes',
      }),
    )
    response.redirect(303, '/catalog')
  })
  router.post('/catalog/substitutions', async (request, response) => {
    const { tag = '', standsInFor = '', distance } = request.body as Record<string, string | undefined>
    await database.write(db => addSubstitution(db, { tag, standsInFor, distance: Number(distance) }))
    response.redirect(303, '/catalog')
  })
  router.post('/catalog/conversions', async (request, response) => {
    const { source, sku = '', feature, tag = '', factor } = request.body as Record<string, string | undefined>
    const rule = { source: source as ConversionSource, sku: sku.trim(), feature: feature?.trim() || null, tag, factor: Number(factor) }
    await database.write(db => addConversionRule(db, rule))
    response.redirect(303, '/catalog')
  })
  return router
}
