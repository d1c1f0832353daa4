import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { z } from 'zod'
import type { Desk } from '../desk.ts'
import { receive } from '../exchange/receive.ts'
import { makePollId } from '../exchange/respond.ts'
import { findFaults, strikes } from '../faults.ts'
import { CloudRefusal } from '../refusal.ts'
import { type Client, findClientByToken, signClientIn, tokenSeconds } from '../store/clients.ts'

const base = '/services/api/smart-accounts-and-licensing/v2'
const container = express.raw({ type: () => true, limit: '66mb' })
const small = express.json({ limit: '64kb' })
const form = express.urlencoded({ extended: false, limit: '64kb' })

/** The HTTP interface of wire-cloud 7.1. */
export function interfaceRouter(desk: Desk): Router {
  const router = Router()
  const signedIn = requireToken(desk)
  router.use(['/as', base], tellTime(desk))
  router.post('/as/token.oauth2', form, giveToken(desk))
  router.post(`${base}/onprem/registration`, signedIn, container, takeContainer(desk, 'registration'))
  router.post(`${base}/onprem/synchronization`, signedIn, container, takeContainer(desk, 'synchronization'))
  router.post(`${base}/accounts/poll`, signedIn, small, answerPoll(desk))
  return router
}

/** The `Date` of an answer is this cloud's time, also where that is wrong: servers compare it with theirs. */
const tellTime =
  ({ database, clock }: Desk): RequestHandler =>
  (_request, response, next) => {
    const now = clock.now().getTime() + findFaults(database.read).wrongClockHours * 3_600_000
    response.set('Date', new Date(now).toUTCString())
    next()
  }

/** "`POST <sso>/as/token.oauth2` (client_credentials, form) -> bearer, 3599 s"; the client's id and secret in the form, or as Basic. */
function giveToken({ database, clock }: Desk): RequestHandler {
  return async (request, response) => {
    const { grant_type, ...fields } = request.body as Record<string, string | undefined>
    if (grant_type !== 'client_credentials') return void response.status(400).json({ error: 'unsupported_grant_type' })
    const [id, secret] = basicOf(request) ?? [fields.client_id ?? '', fields.client_secret ?? '']
    const token = await database.write(db => signClientIn(db, id, secret, clock.now()))
    if (!token)
      return void response.status(401).json({ error: 'invalid_client', error_description: 'The client id or its secret is wrong.' })
    response.set('Cache-Control', 'no-store').json({ access_token: token, token_type: 'Bearer', expires_in: tokenSeconds })
  }
}

/** Name and password of an `Authorization: Basic` header. */
export function basicOf(request: Request): [string, string] | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.get('authorization') ?? '') ?? []
  const [, name, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString('utf8')) ?? []
  return name === undefined || password === undefined ? undefined : [name, password]
}

const clientOf = (response: Response) => response.locals.client as Client

/** Without a good token nothing of the body is read. */
function requireToken({ database, clock }: Desk): RequestHandler {
  return async (request, response, next) => {
    const [, token] = /^Bearer (\S+)$/i.exec(request.get('authorization') ?? '') ?? []
    response.locals.client = token && findClientByToken(database.read, token, clock.now())
    if (response.locals.client && !(await database.write(db => strikes(db, 'denyToken')))) next()
    else response.status(401).set('WWW-Authenticate', 'Bearer').json({ error: 'invalid_token' })
  }
}

const echoes = z.object({ timestamp: z.number().nullish(), nonce: z.string().max(64).nullish() })

/** "Reply 202 `OK_POLL`"; a refusal is "HTTP 200 with `{"status":"FAILED",…}`". */
function takeContainer(desk: Desk, expected: 'registration' | 'synchronization'): RequestHandler {
  const { database, clock, pollSeconds } = desk
  return async (request, response) => {
    if (await database.write(db => strikes(db, 'refuse')))
      return void response.status(503).json({ error: 'This cloud was told to refuse.' })
    if (await database.write(db => strikes(db, 'tooLarge')))
      return void response.status(413).set('X-Payload-Entities-Max-Limit', '100').json({ error: 'This cloud was told to take less.' })
    try {
      const file = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const answer = await receive(desk, { file, expected, submitter: clientOf(response) })
      const pollId = makePollId()
      const now = clock.now().getTime()
      const isLost = await database.write(db => {
        db.run('insert into polls values (?, ?, ?, ?)', pollId, clientOf(response).clientId, answer.response, now)
        return strikes(db, 'loseAnswer')
      })
      if (isLost) return void response.destroy()
      const poll = { poll_id: pollId, poll_interval: pollSeconds, action: 'synchronizations' }
      response.status(202).json({ status: 'OK_POLL', message_code: '', message: '', timestamp: now, ...poll })
    } catch (error) {
      sayNo(response, error, { timestamp: clock.now().getTime() })
    }
  }
}

const poll = z.object({
  data: echoes.extend({ poll_id: z.union([z.string(), z.number()]).transform(String), action: z.string().nullish() }),
})

/** "then `POST …/v2/accounts/poll` -> `COMPLETE`, `data.synchronizations[0].file` = container" */
function answerPoll({ database, clock, pollSeconds }: Desk): RequestHandler {
  return (request, response) => {
    const read = poll.safeParse(request.body)
    const { poll_id = '', timestamp = null, nonce = null } = read.data?.data ?? {}
    const kept = database.read.one<{ response: string; created_at: number }>(
      'select response, created_at from polls where id = ? and client_id = ?',
      poll_id,
      clientOf(response).clientId,
    )
    if (!kept) return sayNo(response, new CloudRefusal('NO_PENDING_REQUEST', 'Nothing is known under this poll id.'), { timestamp, nonce })
    const isReady = clock.now().getTime() >= kept.created_at + findFaults(database.read).slowSeconds * 1000
    const head = { message_code: '', message: '', timestamp, nonce }
    if (!isReady) {
      const again = { poll_id, poll_interval: Math.max(pollSeconds, 1), action: 'synchronizations' }
      return void response.status(202).json({ status: 'OK_POLL', ...head, ...again })
    }
    // The container goes as it was sealed, not parsed and written again.
    const file = `{"status":"COMPLETE",${JSON.stringify(head).slice(1, -1)},"type":"synchronizations","data":{"synchronizations":[{"file":${kept.response}}]}}`
    response.status(200).type('json').send(file)
  }
}

function sayNo(
  response: Response,
  error: unknown,
  echo: { timestamp: number | null | undefined; nonce?: string | null | undefined },
): void {
  if (!(error instanceof CloudRefusal)) throw error
  response.status(200).json({ status: 'FAILED', message_code: error.code, message: error.message, nonce: null, ...echo })
}
