import { randomUUID } from 'node:crypto'
import { type Request, type Response, Router, raw } from 'express'
import { openContainer, readPayload } from '../../../wire/container.ts'
import type { Payload } from '../../../wire/exchange/payloads.ts'
import type { Desk } from '../desk.ts'
import { type Answer, receive } from '../exchange/receive.ts'
import { CloudRefusal, refuseUnless } from '../refusal.ts'
import { findFileResponse, listFileExchanges, putFileExchange } from '../store/fileExchanges.ts'
import { show } from './render.ts'
import { readUpload } from './upload.ts'

const shown = 20

/**
 * "file exchange (upload a request, download the response)". A person's form is answered with a page that says what the cloud did and has the
 * response; a script that posts the container, or a form with its text, gets the response itself.
 */
export function exchangePages(desk: Desk): Router {
  const router = Router()
  const { database } = desk
  const page = (response: Response, model: object = {}, status = 200) =>
    show(response, 'exchange', { here: 'exchange', exchanges: listFileExchanges(database.read, shown), ...model }, status)
  const take = async (file: Buffer) => keep(desk, await receive(desk, { file, submitter: { smartAccountId: null } }))

  router.get('/exchange', (_request, response) => page(response))
  router.get('/exchange/:id/:name', (request, response) => {
    const found = findFileResponse(database.read, request.params.id)
    refuseUnless(found, 'INVALID', 'This response is not kept any more. Upload its request again.')
    response.attachment(found.fileName).type('json').send(found.response)
  })
  router.post('/exchange', raw({ type: ['application/json', 'application/octet-stream'], limit: '66mb' }), async (request, response) => {
    if (request.is('multipart/form-data')) return answerPerson(request, response)
    const file = Buffer.isBuffer(request.body) ? request.body : Buffer.from(String(request.body?.file ?? '').trim())
    const answer = await take(file)
    response.attachment(answer.fileName).type('json').send(answer.response)
  })
  return router

  async function answerPerson(request: Request, response: Response) {
    try {
      const file = await readUpload(request)
      refuseUnless(file.length > 0, 'INVALID', 'Choose the file that the server made.')
      page(response, { answer: await describe(await take(file)) })
    } catch (error) {
      if (!(error instanceof CloudRefusal)) throw error
      page(response, { refused: { sentence: error.message, code: error.code } }, 422)
    }
  }
}

type Kept = Answer & { id: string }

async function keep({ database, clock }: Desk, answer: Answer): Promise<Kept> {
  const id = randomUUID()
  const { request } = answer
  const what =
    request.type === 'registration-request' ? 'Registration' : request.sync_type === 'full' ? 'Full synchronization' : 'Synchronization'
  const line = { id, at: clock.now().getTime(), localAccount: request.local_account_name, what, sequence: request.sequence }
  await database.write(db => putFileExchange(db, { ...line, fileName: answer.fileName, response: answer.response }))
  return { ...answer, id }
}

/** What the response says, for the courier. */
async function describe({ id, fileName, response, request }: Kept) {
  const payload = (await readPayload(openContainer(Buffer.from(response)))) as Payload<'registration-response'> | Payload<'sync-response'>
  const isRegistration = payload.type === 'registration-response'
  const done = isRegistration ? 'The Local Account is registered.' : 'The cloud has taken the request.'
  return {
    id,
    fileName,
    localAccount: payload.local_account_name,
    what: isRegistration
      ? 'Registration'
      : request.type === 'sync-request' && request.sync_type === 'full'
        ? 'Full synchronization'
        : 'Synchronization',
    sequence: payload.sequence,
    smartAccount: payload.smart_account.name,
    virtualAccount: payload.virtual_account.name,
    notAfter: payload.not_after,
    words: isRegistration || payload.status === 'OK' ? done : payload.message,
  }
}
