import { z } from 'zod'
import { apiScopes } from '../rules/apiClients.ts'
import { serverVersion } from '../synchronization/serverVersion.ts'
import { countRequest } from './door.ts'
import { type CallRoute, type OpenRoute, open, type Route } from './route.ts'

type Json = Record<string, unknown>

/** A schema as the description shows it: of what is sent before it is read, and of what is answered. */
function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return rest
}

const outcome = { status: z.enum(['SUCCESS', 'ERROR']), statusMessage: z.string() }
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

const limitHeaders = Object.fromEntries(
  ['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'].map(name => [name, { $ref: `#/components/headers/${name}` }]),
)
const content = (schema: Json, type = 'application/json') => ({ [type]: { schema } })

const pathParameters = (path: string): Json[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: meanings[name!],
  }))

/** What stands in a path. */
const meanings: Record<string, string> = {
  account: 'The name or the id of a Local Account',
  virtualAccount: 'The name or the number of a Local Virtual Account',
  tag: 'The entitlement tag of a license, or its name',
  job: 'The number of an exchange',
}

function queryParameters(query: z.ZodType | undefined): Json[] {
  if (!query) return []
  const { properties = {}, required = [] } = schemaOf(query) as { properties?: Record<string, Json>; required?: string[] }
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }))
}

function describeCall(route: CallRoute): Json {
  const { answer, status = 200 } = route
  const success =
    answer instanceof z.ZodObject ? content(schemaOf(z.object({ ...outcome, ...answer.shape }))) : content(schemaOf(answer), 'text/plain')
  const kinds = ['application/json', ...(route.forms ? ['application/x-www-form-urlencoded'] : [])]
  return {
    security: [{ oauth2: [route.scope] }],
    parameters: [...pathParameters(route.path), ...queryParameters(route.query)],
    ...(route.body && {
      requestBody: { content: Object.assign({}, ...kinds.map(type => content(schemaOf(route.body!), type))) },
    }),
    responses: {
      [status]: { description: 'Done.', headers: limitHeaders, content: success },
      ...Object.fromEntries(Object.keys(refusals).map(refused => [refused, { $ref: `#/components/responses/${refused}` }])),
    },
  }
}

function describeOpen({ body, answers }: OpenRoute): Json {
  const kinds = ['application/json', 'application/x-www-form-urlencoded']
  return {
    security: [],
    ...(body && { requestBody: { content: Object.assign({}, ...kinds.map(type => content(schemaOf(body), type))) } }),
    responses: Object.fromEntries(
      Object.entries(answers).map(([status, { description, type, schema }]) => [
        status,
        { description, ...(schema && { content: content(schemaOf(schema), type) }) },
      ]),
    ),
  }
}

/** The OpenAPI 3.1 document of a table of routes: the one that the router is built from, so that the two cannot drift apart. */
export function describe(table: Route[]): Json {
  const paths: Record<string, Json> = {}
  for (const route of table) {
    const { method, path, operation, tag, summary, description } = route
    const rest = route.kind === 'call' ? describeCall(route) : describeOpen(route)
    paths[path] = {
      ...paths[path],
      [method]: { operationId: operation, tags: [tag], summary, ...(description && { description }), ...rest },
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Quartermaster API',
      version: serverVersion,
      description:
        'Every answer has `status` and `statusMessage`. Lists page by `limit` and `offset`, and further on by `cursor`; a limit of -1 gives all. Members that are not known are left out, and named in `statusMessage`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(table.map(route => route.tag))].map(name => ({ name })),
    paths,
    components: { securitySchemes, responses, headers },
  }
}

const flow = { tokenUrl: '/oauth/token', scopes: apiScopes }
const securitySchemes = { oauth2: { type: 'oauth2', flows: { clientCredentials: flow, password: flow } } }

const responses = Object.fromEntries(
  Object.entries(refusals).map(([status, description]) => [
    status,
    { description, headers: limitHeaders, content: content(schemaOf(errorAnswer)) },
  ]),
)

const seconds = { schema: { type: 'integer' } }
const headers = {
  'RateLimit-Limit': { description: 'How many calls a window has.', ...seconds },
  'RateLimit-Remaining': { description: 'How many of them are left.', ...seconds },
  'RateLimit-Reset': { description: 'In how many seconds all of them are there again.', ...seconds },
}

/** The route that shows the description of `table`, itself included. */
export function descriptionRoute(table: () => Route[]): Route {
  let text: string | undefined
  return open({
    method: 'get',
    path: '/api/openapi.json',
    operation: 'getDescription',
    tag: 'Description',
    summary: 'This description',
    answers: { 200: { description: 'An OpenAPI document.', schema: z.looseObject({}) } },
    async handle(door, request, response) {
      countRequest(door, request, response)
      text ??= JSON.stringify(describe(table()))
      response.type('json').send(text)
    },
  })
}
