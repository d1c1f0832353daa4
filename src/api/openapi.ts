import { z } from 'zod'
import { serverVersion } from '../release.ts'
import { countRequest } from './door.ts'
import {
  components,
  containerSchema,
  content,
  form,
  type Json,
  json,
  limitHeaders,
  outcome,
  refusalReferences,
  schemaOf,
} from './openapi/components.ts'
import { type CallRoute, type OpenRoute, open, type Route } from './route.ts'

/** What stands in a path. */
const meanings: Record<string, string> = {
  account: 'The name or the id of a Local Account',
  virtualAccount: 'The name or the number of a Local Virtual Account',
  tag: 'The entitlement tag of a license, or its name',
  report: 'The name of a report',
  job: 'The number of an exchange',
}

const pathParameters = (path: string): Json[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
    description: meanings[name!],
  }))

function queryParameters(query: z.ZodType | undefined): Json[] {
  if (!query) return []
  const { properties = {}, required = [] } = schemaOf(query) as { properties?: Record<string, Json>; required?: string[] }
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: required.includes(name), schema }))
}

function describeCall({ path, query, body, forms, scope, answer, container, status = 200, also = {} }: CallRoute): Json {
  const success =
    answer instanceof z.ZodObject
      ? content(schemaOf(z.object({ ...outcome, ...answer.shape })), json)
      : container === 'given'
        ? content(containerSchema, json)
        : content(schemaOf(answer), 'text/plain')
  const response = (description: string) => ({ description, headers: limitHeaders, content: success })
  return {
    security: [{ oauth2: [scope] }],
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body && { requestBody: { content: content(schemaOf(body), json, ...(forms ? [form] : [])) } }),
    ...(container === 'taken' && { requestBody: { required: true, content: content(containerSchema, json) } }),
    responses: {
      [status]: response('Done.'),
      ...Object.fromEntries(Object.entries(also).map(([other, description]) => [other, response(description)])),
      ...refusalReferences,
    },
  }
}

const describeOpen = ({ body, answers }: OpenRoute): Json => ({
  security: [],
  ...(body && { requestBody: { content: content(schemaOf(body), json, form) } }),
  responses: Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema }]) => [
      status,
      { description, ...(schema && { content: content(schemaOf(schema), json) }) },
    ]),
  ),
})

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
    components,
  }
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
    answers: {
      200: { description: 'An OpenAPI document.', schema: z.looseObject({}) },
      429: { description: 'Too many requests; Retry-After says when to come again.' },
    },
    async handle(door, request, response) {
      countRequest(door, request, response)
      text ??= JSON.stringify(describe(table()))
      response.type('json').send(text)
    },
  })
}
