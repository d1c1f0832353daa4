import compression from 'compression'
import express, { type RequestHandler } from 'express'
import type { Context } from '../context.ts'
import { assets } from './assets.ts'
import { nothingHere, showRefusal } from './refusals.ts'
import { guard, type Route } from './route.ts'
import { routes } from './routes.ts'
import { securityHeaders } from './security.ts'
import { openVisit } from './session.ts'

/**
 * `api` is the API Toolkit, which answers on the same port: it is asked before anybody is looked up, and passes on what is not its own. `table` is
 * the site map, but for tests that put other handlers behind its rules. `patience`: so many milliseconds a page waits for work that it began.
 */
export type WebOptions = { api?: RequestHandler | undefined; table?: Route[]; patience?: number }

/** The middleware of 8443, in order. */
export function createWebApp(context: Context, { api, table = routes, patience = 2500 }: WebOptions): express.Express {
  const app = express()
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple').set('case sensitive routing', true)
  app.use(securityHeaders)
  app.use(assets)
  if (api) app.use(api)
  app.use(compression())
  app.use(express.urlencoded({ extended: false, limit: '256kb' }))
  app.use(openVisit(context, patience))
  for (const route of table) app[route.method](route.path, guard(route))
  app.use(nothingHere)
  app.use(showRefusal(context))
  return app
}
