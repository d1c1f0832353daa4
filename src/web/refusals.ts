import { randomBytes } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import type { z } from 'zod'
import type { Context } from '../context.ts'
import { Refusal } from '../rules/refusal.ts'
import { noteRefusal } from '../storage/acting.ts'
import { isOutcomeUnknown } from '../storage/commits.ts'
import { isOutage } from '../storage/outage.ts'
import { pathOrHome, paths } from './paths.ts'
import { goTo, leaveFor, say, show, showError, type View } from './render.ts'
import { nonceOf } from './security.ts'
import { type Visit, type Visitor, visitorOf } from './visit.ts'

/** What is wrong with a form: a sentence for each field, or for the form as a whole where `field` is absent. */
type Complaint = { field?: string | undefined; sentence: string }

/** A posted form whose fields do not fit, all of them at once. */
class UnreadableForm extends Error {
  readonly complaints: Complaint[]
  constructor(complaints: Complaint[]) {
    super('The form does not fit')
    this.complaints = complaints
  }
}

/** Reads a posted form by its schema. What does not fit is shown by `orForm`. */
export function readForm<T extends z.ZodType>({ request }: Visitor, schema: T): z.output<T> {
  const read = schema.safeParse(request.body ?? {})
  if (read.success) return read.data
  throw new UnreadableForm(read.error.issues.map(issue => ({ field: issue.path[0]?.toString(), sentence: issue.message })))
}

/** Refusals that a person mends on the form they came from. */
const mendable = new Set<string>([
  'FILE_MALFORMED',
  'FILE_TOO_LARGE',
  'BAD_SIGNATURE',
  'UNTRUSTED_CERT',
  'CERT_EXPIRED',
  'WRONG_TYPE',
  'WRONG_ACCOUNT',
  'WRONG_SERVER',
  'FILE_OLD',
  'FILE_SAME',
  'FILE_REPLAYED',
  'FILE_EXPIRED',
  'NO_PENDING_REQUEST',
  'REQUEST_MISMATCH',
  'UNSUPPORTED_VERSION',
  'NOT_SIGNED_IN',
  'INVALID',
  'CONFLICT',
  'TOO_MANY',
  'VIRTUAL_ACCOUNT_IN_USE',
  'CLOUD_UNREACHABLE',
  'CLOUD_REFUSED',
  'MAIL_NOT_SENT',
  'NOT_DELIVERED',
])

/** Does what a button asks for. A refusal becomes a notice on the page that one comes back to; anything else goes on to the error pages. */
export async function orNotice(visit: Visit, back: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    noteRefusal(error.message)
    await say(visit, { tone: 'danger', words: error.message })
    goTo(visit, back)
  }
}

/**
 * Does what a form asks for. A refusal gives the form again: what was typed (but for secrets), the sentence at its field and above; anything
 * else goes on to the error pages. "Refusal → the form again with its sentence, or a notice".
 */
export async function orForm(
  visitor: Visitor,
  view: View,
  model: () => object | Promise<object>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    const complaints = complaintsOf(error)
    if (!complaints) throw error
    noteRefusal(complaints[0]!.sentence)
    const values = visitor.request.body as Record<string, unknown>
    const errors = Object.fromEntries(complaints.filter(({ field }) => field).map(({ field, sentence }) => [field, sentence]))
    show(visitor, view, { ...(await model()), values, complaints, errors }, 422)
  }
}

function complaintsOf(error: unknown): Complaint[] | undefined {
  if (error instanceof UnreadableForm) return error.complaints
  if (error instanceof Refusal && mendable.has(error.code)) return [{ field: error.field, sentence: error.message }]
  return undefined
}

const statuses: Record<string, [status: number, title: string]> = {
  NOT_FOUND: [404, 'There is nothing here'],
  NOT_ALLOWED: [403, 'This is not allowed'],
  CONFLICT: [409, 'This has changed in the meantime'],
  TOO_MANY: [429, 'Too much at once'],
}

/** Everything under an address that no route has. */
export function nothingHere(_request: Request, _response: Response, next: NextFunction): void {
  next(new Refusal('NOT_FOUND', 'There is nothing under this address, or it is not for you to see.'))
}

/** A refusal becomes a page that says what to do; anything else a page with a number to quote, and its details go to the log alone. */
export const showRefusal = (context: Context) => (error: unknown, request: Request, response: Response, next: NextFunction) => {
  const visitor = visitorOf(response) ?? stranger(context, request, response)
  if (response.headersSent) next(error)
  else if (error instanceof Refusal && error.code === 'NOT_SIGNED_IN') leaveFor(visitor, signInFor(request))
  else {
    const { status, ...words } = wordsFor(error) ?? fault(visitor, error)
    showError(visitor, status, words)
  }
}

/** Whom nobody could be asked about, because the database does not answer. */
const stranger = (context: Context, request: Request, response: Response): Visitor => ({
  context,
  request,
  response,
  now: context.clock.now(),
  nonce: nonceOf(response),
  formSecret: '',
  patience: 0,
  signedIn: undefined,
})

/** The sign-in page, which leads back to what was asked for. */
function signInFor(request: Request): string {
  const wanted = request.method === 'GET' ? pathOrHome(request.originalUrl) : paths.home
  return wanted === paths.home ? paths.signIn : `${paths.signIn}?next=${encodeURIComponent(wanted)}`
}

type Words = { status: number; title: string; words: string; number?: string }

/** What is said about an error that is the visitor's to mend; undefined for a fault. */
function wordsFor(error: unknown): Words | undefined {
  if (error instanceof UnreadableForm) return { status: 400, title: 'This form does not fit', words: error.complaints[0]!.sentence }
  if (error instanceof Refusal) {
    const [status, title] = statuses[error.code] ?? [400, 'This cannot be done']
    return { status, title, words: error.message }
  }
  // What body parsers and the router throw at requests that no browser sends: too large, wrongly encoded.
  const { status } = (error ?? {}) as { status?: unknown }
  if (typeof status !== 'number' || status < 400 || status >= 500) return undefined
  return { status: 400, title: 'This request cannot be read', words: 'Go back and try it again.' }
}

/** The commit waits, for the disk or for the standby, and may still be made. */
const undecided = {
  status: 503,
  title: 'It is not known yet whether this was done',
  words: 'The change waits to be kept safe, which takes longer than usual. Look in a while whether it is there, before you do it again.',
}

const silent = {
  status: 503,
  title: 'This cannot be done at this moment',
  words:
    'The server or its database is short of something. Try again in a while. If you changed something, look first whether it is there; if it stays like this, ask your administrator.',
}

function fault({ context, request }: Visitor, error: unknown): Words {
  const number = randomBytes(6).toString('hex')
  context.log.error({ err: error, number, path: request.path }, 'A page failed')
  if (isOutcomeUnknown(error)) return { ...undecided, number }
  if (isOutage(error)) return { ...silent, number }
  const words = 'Something went wrong on the server, and it was noted. Try again; if it stays, give the number to your administrator.'
  return { status: 500, title: 'This page failed', words, number }
}
