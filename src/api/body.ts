import express, { type Request, type Response } from 'express'
import { readFile } from '../cloud/file.ts'
import { Malformed } from '../wire/malformed.ts'
import { decodeUtf8, parseStrictObject } from '../wire/strictJson.ts'
import { HttpRefusal } from './refusals.ts'

/** A thousand tokens by their text, the longest that anybody sends, are a seventh of this. */
const largestBody = 1024 * 1024

const raw = express.raw({ type: () => true, limit: largestBody })

/** Reads the bytes of a body, whatever it is, into `request.body`; one that is too large, as it comes or inflated, is a 413. */
export const readBytes = (request: Request, response: Response): Promise<void> =>
  new Promise((resolve, reject) => raw(request, response, error => (error ? reject(error) : resolve())))

/** Reads the bytes of a file, as they come and no more than a file may have; nothing is inflated. */
export function readFileOf(request: Request): Promise<Buffer> {
  if (!request.is('json') && !request.is('+json') && !request.is('application/octet-stream')) {
    throw new HttpRefusal(415, 'The file must come as application/json or application/octet-stream; say so in the header Content-Type.')
  }
  if (request.headers['content-encoding']) throw new HttpRefusal(415, 'The file must come as it is, without a Content-Encoding.')
  return readFile(request)
}

/** Members by name, as they came. */
export type Members = Record<string, unknown>

const bytesOf = (request: Request): Buffer => (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0))

/**
 * The members of a body: JSON, or a form where the route takes one. No body is an empty one. Refuses what is not strict JSON with the place of
 * the mistake in words, and another kind of body by its name.
 */
export function membersOfBody(request: Request, forms = false): Members {
  const bytes = bytesOf(request)
  if (bytes.length === 0) return {}
  if (request.is('json') || request.is('+json')) return readJson(bytes)
  if (forms && request.is('urlencoded')) return readForm(bytes.toString('utf8'))
  const kinds = forms ? 'application/json or application/x-www-form-urlencoded' : 'application/json'
  throw new HttpRefusal(415, `The body must come as ${kinds}; say so in the header Content-Type.`)
}

function readJson(bytes: Buffer): Members {
  try {
    return parseStrictObject(decodeUtf8(bytes, 'body'), 'body')
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw new HttpRefusal(400, `The ${error.path} ${error.what[0]!.toLowerCase()}${error.what.slice(1)}`)
  }
}

/** The parameters of a form or of a query. Refuses one that comes twice: two readers might each believe another one. */
export function readForm(text: string): Members {
  const parameters = new URLSearchParams(text)
  const members = Object.fromEntries(parameters)
  if (parameters.size !== Object.keys(members).length) throw new HttpRefusal(400, 'A parameter is given more than once.')
  return members
}

/** The parameters of the query. */
export const membersOfQuery = (request: Request): Members => readForm(request.originalUrl.split('?').slice(1).join('?'))
