import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Desk } from './desk.ts'
import { interfaceRouter } from './interface/router.ts'
import { pagesRouter } from './pages/router.ts'

/** The doors of this cloud: the interface for servers and scripts, then the pages. */
export function createApp(desk: Desk): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.use(interfaceRouter(desk))
  app.use(pagesRouter(desk))
  app.use(sayFault)
  return app
}

/** Something broke, or a body cannot be read: what happened goes to the log, and no more than its kind to the caller. */
const sayFault: ErrorRequestHandler = (error, _request, response, _next) => {
  const status = typeof error?.status === 'number' ? error.status : 500
  if (status >= 500) process.stderr.write(`${error?.stack ?? error}\n`)
  response
    .status(status)
    .type('text')
    .send(status >= 500 ? 'Something went wrong in this cloud; its log says what.' : 'This request cannot be read.')
}
