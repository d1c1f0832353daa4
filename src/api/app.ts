import compression from 'compression'
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import type { Context } from '../context.ts'
import { second } from '../rules/clock.ts'
import { answerCall } from './answer.ts'
import { type ApiDoor, countRequest, type DeviceMessages, showLimits, sourceOf } from './door.ts'
import { type LimitSettings, openLimits } from './limits.ts'
import { HttpRefusal, nothingHere, sayRefusal } from './refusals.ts'
import type { Route } from './route.ts'
import { routes } from './routes.ts'

export type ApiOptions = {
  /** What the door of product instances has counted, for the metrics. */
  deviceMessages?: () => DeviceMessages[]
  limits?: LimitSettings
  /** How many milliseconds a call waits for an exchange with the cloud, which may take a quarter of an hour. */
  patience?: number
}

/** Everything under these is the API's; what is not is passed on. */
const limited = ['/api', '/oauth', '/backend/oauth', '/metrics']
const ours = [...limited, '/health']

/**
 * The API Toolkit, health and metrics: one table of routes, from which this router and the description of it are built. It is mounted where
 * nobody has been looked up yet, and knows neither cookies nor sessions: a browser's sign-in opens nothing here.
 */
export function createApi(context: Context, { deviceMessages = () => [], limits, patience = 10 * second }: ApiOptions = {}): Express {
  const door: ApiDoor = { context, limits: openLimits(limits), deviceMessages, patience }
  const app = express()
  app.disable('x-powered-by').disable('etag').set('case sensitive routing', true)
  app.use(ours, notKept)
  app.use(limited, (request, response, next) => {
    showLimits(response, door.limits.requests.look(sourceOf(request), context.clock.now()))
    next()
  })
  app.use('/api', compression())
  for (const route of routes) app[route.method](expressPath(route.path), handlerOf(door, route))
  for (const [path, methods] of methodsByPath(routes)) app.all(expressPath(path), otherMethod(door, methods))
  app.use(ours, nothingUnder(door))
  app.use(ours, sayRefusal(door))
  return app
}

/** Answers hold tokens and names: nobody on the way keeps them, and no browser takes them for anything else. */
function notKept(_request: Request, response: Response, next: NextFunction): void {
  response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
  next()
}

const handlerOf = (door: ApiDoor, route: Route): RequestHandler =>
  route.kind === 'call'
    ? answerCall(door, route)
    : async (request, response) => {
        await route.handle(door, request, response)
      }

/** `/accounts/{account}` as Express writes it. */
export const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

/** The methods that each path knows; a path that can be got can be asked for its head. */
function methodsByPath(table: Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>()
  for (const { path, method } of table) {
    methods.set(path, [...(methods.get(path) ?? []), ...(method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])])
  }
  return methods
}

const otherMethod =
  (door: ApiDoor, methods: string[]): RequestHandler =>
  (request, response) => {
    countRequest(door, request, response)
    const allowed = methods.join(', ')
    throw new HttpRefusal(405, `This address knows ${allowed} only.`, { Allow: allowed })
  }

const nothingUnder =
  (door: ApiDoor): RequestHandler =>
  (request, response) => {
    countRequest(door, request, response)
    nothingHere()
  }
