import type { Request, Response } from 'express'
import { Refusal } from '../../rules/refusal.ts'
import type { ApiDoor } from '../door.ts'
import { complaintOf, tellOfFault } from '../refusals.ts'

/** The errors of RFC 6749, 5.2. */
export type OauthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'

/** A request to an OAuth endpoint that is refused, in the words of the standard. */
export class OauthError extends Error {
  readonly code: OauthErrorCode
  constructor(code: OauthErrorCode, sentence: string) {
    super(sentence)
    this.code = code
  }
}

/** The error that a refusal of the verbs is for a client: what was wrong says which field. */
function codeOf(error: Refusal): OauthErrorCode {
  if (error.field === 'client_id') return 'invalid_client'
  if (error.field === 'scope') return 'invalid_scope'
  return error.code === 'NOT_SIGNED_IN' ? 'invalid_grant' : 'invalid_request'
}

/** Whose secret was not right, if it was that. */
export function wrongSecretOf(error: unknown): 'client' | 'user' | undefined {
  if (!(error instanceof Refusal) || error.code !== 'NOT_SIGNED_IN') return undefined
  return error.field === 'client_id' ? 'client' : 'user'
}

type Said = { httpStatus: number; error: string; sentence: string; headers?: Record<string, string> }

const challenge = { 'WWW-Authenticate': 'Basic realm="Quartermaster", charset="UTF-8"' }

/**
 * What an error is by RFC 6749, 5.2: 400, or 401 with a challenge where the client was not recognised. "Too many" and what is the server's own
 * trouble, for which the standard has no word, keep their HTTP status.
 */
function saidOf(door: ApiDoor, error: unknown, request: Request): Said {
  const complaint = complaintOf(error)
  if (complaint?.httpStatus === 429) return { ...complaint, error: 'invalid_request' }
  const code = error instanceof OauthError ? error.code : error instanceof Refusal ? codeOf(error) : undefined
  const sentence = (error as Error).message
  if (code === 'invalid_client') return { httpStatus: 401, error: code, sentence, headers: challenge }
  if (code) return { httpStatus: 400, error: code, sentence }
  if (complaint?.httpStatus === 503) return { ...complaint, error: 'temporarily_unavailable' }
  if (complaint) return { ...complaint, httpStatus: 400, error: 'invalid_request' }
  return { ...tellOfFault(door, error, request), error: 'server_error' }
}

/** The standard allows these characters in a description and no others. */
const describe = (sentence: string): string => sentence.replaceAll('"', "'").replace(/[^\x20-\x5b\x5d-\x7e]/g, '?')

/** Answers an error of an OAuth endpoint. */
export function sayOauthError(door: ApiDoor, problem: unknown, request: Request, response: Response): void {
  const { httpStatus, error, sentence, headers = {} } = saidOf(door, problem, request)
  response
    .status(httpStatus)
    .set(headers)
    .json({ error, error_description: describe(sentence) })
}
