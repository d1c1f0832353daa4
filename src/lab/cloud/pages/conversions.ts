import { Router } from 'express'
import type { Desk } from '../desk.ts'
import { listConversions } from '../store/conversions.ts'
import { show } from './render.ts'

const perPage = 100

/** Device-led conversions: every line that was decided, and what it became. */
export function conversionPages({ database }: Desk): Router {
  const router = Router()
  router.get('/conversions', (request, response) => {
    const before = Number(request.query.before) || Number.MAX_SAFE_INTEGER
    const conversions = listConversions(database.read, { before, limit: perPage })
    const next = conversions.length === perPage ? conversions.at(-1)?.id : undefined
    show(response, 'conversions', { here: 'conversions', conversions, next })
  })
  return router
}
