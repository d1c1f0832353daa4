import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import express, { type ErrorRequestHandler, type RequestHandler, Router } from 'express'
import type { Desk } from '../desk.ts'
import { CloudRefusal } from '../refusal.ts'
import { accountPages } from './accounts.ts'
import { catalogPages } from './catalog.ts'
import { clientPages } from './clients.ts'
import { conversionPages } from './conversions.ts'
import { exchangePages } from './exchange.ts'
import { faultPages } from './faults.ts'
import { show } from './render.ts'
import { serverPages } from './servers.ts'
import { refuseOtherSites, requirePerson } from './session.ts'
import { signInPages } from './signIn.ts'

const stylesheets = dirname(fileURLToPath(import.meta.resolve('@patternfly/patternfly/patternfly.css')))
const ownFiles = fileURLToPath(new URL('../../../../views/lab/cloud/public', import.meta.url))

/** The site: what anybody may see, then, behind the sign-in, a page for each thing. */
export function pagesRouter(desk: Desk): Router {
  const router = Router()
  router.use(headers)
  router.use('/assets/patternfly', express.static(stylesheets, { index: false, maxAge: '1d' }))
  router.use('/assets', express.static(ownFiles, { index: false }))
  router.use(refuseOtherSites, express.urlencoded({ extended: false, limit: '96mb' }))
  router.use(signInPages(desk))
  router.use(requirePerson(desk))
  router.get('/', (_request, response) => response.redirect(303, '/smart-accounts'))
  for (const pages of [accountPages, catalogPages, serverPages, conversionPages, clientPages, exchangePages, faultPages])
    router.use(pages(desk))
  router.use((_request, response) => show(response, 'refusal', { sentence: 'There is no such page.' }, 404))
  router.use(sayRefusal)
  return router
}

const headers: RequestHandler = (_request, response, next) => {
  response.set({
    'Content-Security-Policy':
      "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  })
  next()
}

/** A refusal is a page with its sentence, and a way back to the form that the browser has kept filled in. */
const sayRefusal: ErrorRequestHandler = (error, _request, response, next) => {
  if (error instanceof CloudRefusal) show(response, 'refusal', { sentence: error.message, code: error.code }, 422)
  else next(error)
}
