import { randomBytes } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'
import { Refusal, type RefusalCode } from '../rules/refusal.ts'
import { isOutcomeUnknown } from '../storage/commits.ts'
import { isOutage } from '../storage/outage.ts'
import { type ApiDoor, TooMany } from './door.ts'

/** The HTTP status of a refusal; any other is a 400: what was asked for cannot be done like this. */
const statuses: Partial<Record<RefusalCode, number>> = {
  NOT_SIGNED_IN: 401,
  NOT_ALLOWED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  ALREADY_REGISTERED: 409,
  VIRTUAL_ACCOUNT_IN_USE: 409,
  ACCOUNT_EXPIRED: 409,
  TOO_MANY: 429,
  FILE_TOO_LARGE: 413,
  FILE_SAME: 409,
  FILE_OLD: 409,
  NO_PENDING_REQUEST: 409,
  REQUEST_MISMATCH: 409,
  CLOUD_REFUSED: 502,
  CLOUD_UNREACHABLE: 502,
  MAIL_NOT_SENT: 502,
  NOT_DELIVERED: 502,
}

/** A request that HTTP itself has a status for, beside those of the rules. */
export class HttpRefusal extends Error {
  readonly httpStatus: number
  readonly headers: Record<string, string>
  constructor(httpStatus: number, sentence: string, headers: Record<string, string> = {}) {
    super(sentence)
    this.httpStatus = httpStatus
    this.headers = headers
  }
}

/** What is said of something that went wrong: a status, a sentence, and the code where programs can act on one. */
export type Complaint = { httpStatus: number; sentence: string; code?: RefusalCode; headers?: Record<string, string> }

/** "A refusal is said, a fault is logged": the sentence for the caller, or undefined for a fault. */
export function complaintOf(error: unknown): Complaint | undefined {
  if (error instanceof TooMany) return { httpStatus: 429, sentence: error.message, headers: { 'Retry-After': String(error.seconds) } }
  if (error instanceof HttpRefusal) return { httpStatus: error.httpStatus, sentence: error.message, headers: error.headers }
  if (error instanceof Refusal) return { httpStatus: statuses[error.code] ?? 400, sentence: error.message, code: error.code }
  return clientError(error)
}

const sentences: Record<number, string> = {
  400: 'This request cannot be read.',
  413: 'The body is too large.',
  415: 'This encoding of the body is not supported.',
}

/** What body parsers and the router throw at requests that nobody's client sends: too large, wrongly encoded. */
function clientError(error: unknown): Complaint | undefined {
  const { status } = error as { status?: number }
  if (!(error instanceof Error) || status === undefined || status < 400 || status >= 500) return undefined
  return { httpStatus: status, sentence: sentences[status] ?? sentences[400]! }
}

/** Seconds after which a call that the database could not answer is worth another try: longer than a pair takes for a failover. */
const comeAgain = 15

/** What is said when the database does not answer, or not in time. */
const outageComplaint = (error: unknown): Complaint => ({
  httpStatus: 503,
  sentence: isOutcomeUnknown(error)
    ? 'It is not known yet whether this was done. Look whether it was, before you send it again.'
    : 'This server cannot do this at this moment. Try again in a while, and look first whether a change was made.',
  headers: { 'Retry-After': String(comeAgain) },
})

/** Logs a fault and gives the sentence that is said of it: a number to quote, and no details. */
export function tellOfFault({ context }: ApiDoor, error: unknown, request: Request): Complaint {
  const number = randomBytes(6).toString('hex')
  context.log.error({ err: error, number, path: request.path }, 'A call of the API failed')
  if (isOutage(error)) return outageComplaint(error)
  return {
    httpStatus: 500,
    sentence: `Something went wrong on the server, and it was noted. Quote the number ${number} to your administrator.`,
  }
}

/** Everything under the API's own addresses that no route has. */
export function nothingHere(): never {
  throw new HttpRefusal(404, 'There is nothing under this address. /api/openapi.json lists what there is.')
}

/** Turns what was thrown into an answer. An answer that is under way already is cut off, so that nobody takes it for whole. */
export const sayRefusal = (door: ApiDoor) => (error: unknown, request: Request, response: Response, _next: NextFunction) => {
  const complaint = complaintOf(error) ?? tellOfFault(door, error, request)
  if (response.headersSent) return response.destroy()
  const { httpStatus, sentence, code, headers } = complaint
  return response
    .status(httpStatus)
    .set(headers ?? {})
    .json({ status: 'ERROR', statusMessage: sentence, ...(code && { code }) })
}
