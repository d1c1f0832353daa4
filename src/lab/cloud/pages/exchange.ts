import { Router, raw } from 'express'
import type { Desk } from '../desk.ts'
import { receive } from '../exchange/receive.ts'
import { show } from './render.ts'

/** "file exchange (upload a request, download the response)": by the form, or by a script that posts the file as it is. */
export function exchangePages(desk: Desk): Router {
  const router = Router()
  router.get('/exchange', (_request, response) => show(response, 'exchange', { here: 'exchange' }))
  router.post('/exchange', raw({ type: ['application/json', 'application/octet-stream'], limit: '66mb' }), async (request, response) => {
    const file = Buffer.isBuffer(request.body) ? request.body : Buffer.from(String(request.body?.file ?? '').trim())
    const answer = await receive(desk, { file, submitter: { smartAccountId: null } })
    response.attachment(answer.fileName).type('json').send(answer.response)
  })
  return router
}
