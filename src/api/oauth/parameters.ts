import type { Request } from 'express'
import { type Members, membersOfBody, membersOfQuery } from '../body.ts'
import { OauthError } from './errors.ts'

/** The parameters of a request to an OAuth endpoint, and the client that it names. */
export type OauthParameters = { get(name: string): string | undefined; client: { clientId: string; clientSecret: string } }

/**
 * "Parameters in the query, a form or a JSON body" (api.md, Tokens), by the rules of RFC 6749: one without a value counts as left out, none may
 * come twice (3.2), and the client shows its secret in one way only, in the header or in the parameters (2.3).
 */
export function readOauthParameters(request: Request): OauthParameters {
  const [query, body] = [membersOfQuery(request), membersOfBody(request, true)]
  const twice = Object.keys(body).find(name => Object.hasOwn(query, name))
  if (twice) throw new OauthError('invalid_request', `The parameter ${twice.slice(0, 64)} is given more than once.`)
  const get = (name: string) => textOf({ ...query, ...body }, name)
  return { get, client: clientOf(request, get) }
}

function textOf(members: Members, name: string): string | undefined {
  const value = Object.hasOwn(members, name) ? members[name] : undefined
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string' && value.length <= 1024 && !value.includes('\0')) return value
  throw new OauthError('invalid_request', `The parameter ${name} must be a text of at most 1024 characters.`)
}

function clientOf(request: Request, get: (name: string) => string | undefined): OauthParameters['client'] {
  const inHeader = readBasic(request.headers.authorization)
  const inParameters = { clientId: get('client_id'), clientSecret: get('client_secret') }
  if (inHeader && inParameters.clientSecret !== undefined) {
    throw new OauthError('invalid_request', 'The client shows its secret in the header or in the parameters, not in both.')
  }
  const { clientId, clientSecret } = inHeader ?? inParameters
  if (clientId === undefined || clientSecret === undefined) throw new OauthError('invalid_client', 'Give client_id and client_secret.')
  return { clientId, clientSecret }
}

/** HTTP Basic, with identifier and secret encoded as a form encodes them (RFC 6749, 2.3.1). */
function readBasic(header: string | undefined): OauthParameters['client'] | undefined {
  if (header === undefined) return undefined
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(header) ?? []
  const [, clientId, clientSecret] = /^([^:\0]{1,1024}):([^\0]{1,1024})$/.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  if (clientId === undefined || clientSecret === undefined)
    throw new OauthError('invalid_client', 'The header Authorization cannot be read.')
  return { clientId: fromForm(clientId), clientSecret: fromForm(clientSecret) }
}

const fromForm = (text: string): string => new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value')!
