import { z } from 'zod'
import { apiScopes } from '../../rules/apiClients.ts'
import { FORMAT } from '../../wire/container/format.ts'

export type Json = Record<string, unknown>

/** A schema as the description shows it: of what is sent before it is read, and of what is answered. */
export function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

/** A body in one media type or in several. */
export const content = (schema: Json, ...types: string[]): Json => Object.fromEntries(types.map(type => [type, { schema }]))

export const json = 'application/json'
export const form = 'application/x-www-form-urlencoded'

/** A container of registration and synchronization, the same in a file and in a body. It is signed: it goes on as it came. */
export const containerSchema = schemaOf(
  z.object({ format: z.literal(FORMAT), protected: z.string(), payload: z.string(), signature: z.string() }).meta({
    description: 'A signed container. Keep it as it is: a change of one byte makes it worthless.',
  }),
)

/** What every answer has. */
export const outcome = { status: z.enum(['SUCCESS', 'ERROR']), statusMessage: z.string() }
const errorAnswer = z.object({ ...outcome, status: z.literal('ERROR'), code: z.string().optional() })

/** What any call may be refused with. */
const refusals: Record<number, string> = {
  400: 'Something does not fit; the sentence says what.',
  401: 'There is no access token, or it is of no use any more.',
  403: 'The access token does not have the scope, or its client or person may not do this here.',
  404: 'There is no such thing, or it is not for this client to see.',
  409: 'Something has changed meanwhile, or stands in the way.',
  413: 'The body is too large.',
  415: 'The body is of another kind.',
  429: 'Too many calls; Retry-After says when to come again.',
  500: 'Something went wrong on the server; the sentence has a number to quote.',
  502: 'The cloud cannot be reached, or has refused.',
  503: 'The API is switched off.',
}

/** The refusals as a route names them. */
export const refusalReferences: Json = Object.fromEntries(
  Object.keys(refusals).map(status => [status, { $ref: `#/components/responses/${status}` }]),
)

const seconds = { schema: { type: 'integer' } }
const headers = {
  'RateLimit-Limit': { description: 'How many calls a window has.', ...seconds },
  'RateLimit-Remaining': { description: 'How many of them are left.', ...seconds },
  'RateLimit-Reset': { description: 'In how many seconds all of them are there again.', ...seconds },
}

/** The headers that say the limits. */
export const limitHeaders: Json = Object.fromEntries(Object.keys(headers).map(name => [name, { $ref: `#/components/headers/${name}` }]))

const flow = { tokenUrl: '/oauth/token', scopes: apiScopes }

/** What the routes refer to. */
export const components: Json = {
  securitySchemes: { oauth2: { type: 'oauth2', flows: { clientCredentials: flow, password: flow } } },
  responses: Object.fromEntries(
    Object.entries(refusals).map(([status, description]) => [
      status,
      { description, headers: limitHeaders, content: content(schemaOf(errorAnswer), json) },
    ]),
  ),
  headers,
}
