import assert from 'node:assert/strict'
import fc from 'fast-check'
import { routes } from '../../src/api/routes.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { type ApiSite, openApiSite } from '../support/apiSite.ts'
import { fitting, nearly, type Schema } from '../support/fromSchema.ts'

type Media = { content: Record<string, { schema: Schema }> }
type Operation = {
  operationId: string
  parameters?: { name: string; in: 'path' | 'query'; schema: Schema }[]
  requestBody?: Media
  responses: Record<string, unknown>
}

/** What takes something away from the account comes last, so that the others find it there. */
const takesAway = /^(delete|deactivate|remove|reject|change|forget)/

describe('the description of the API', function () {
  this.timeout(120_000)
  let site: ApiSite
  let token: string
  let paths: Record<string, Record<string, Operation>>
  before(async () => {
    site = await openApiSite()
    const unreachable = () => Promise.reject(new Refusal('CLOUD_UNREACHABLE', 'The cloud cannot be reached.'))
    site.context.cloud = { ...site.context.cloud, carry: unreachable, ask: unreachable }
    token = await site.token()
    paths = (await site.send('GET', '/api/openapi.json')).json.paths
  })
  after(() => site.close())

  /** What names something that is there, mostly. */
  const inPath = (name: string) => {
    const there = { account: site.home.account.name, virtualAccount: 'Default', report: 'licenses', job: '1' }[name]
    const any = fc.string({ minLength: 1, maxLength: 20 })
    return there === undefined ? any : fc.oneof({ weight: 4, arbitrary: fc.constant(there) }, { weight: 1, arbitrary: any })
  }

  function callsOf({ parameters = [], requestBody }: Operation) {
    const named = (where: string) => parameters.filter(parameter => parameter.in === where)
    const query: Schema = { properties: Object.fromEntries(named('query').map(({ name, schema }) => [name, schema])) }
    const body = requestBody?.content['application/json']?.schema
    return fc.record({
      path: fc.record(Object.fromEntries(named('path').map(({ name }) => [name, inPath(name)]))),
      query: fc.oneof(fitting(query), nearly(query)) as fc.Arbitrary<Record<string, unknown>>,
      json: body ? fc.oneof(fitting(body), nearly(body)) : fc.constant(undefined),
    })
  }

  const written = (value: unknown) => encodeURIComponent((typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed())

  for (const { method, path, operation } of [...routes].sort(
    (a, b) => Number(takesAway.test(a.operation)) - Number(takesAway.test(b.operation)),
  )) {
    it(`says every status that ${operation} answers with`, async () => {
      const described = paths[path]![method]!
      await fc.assert(
        fc.asyncProperty(callsOf(described), async call => {
          const at = path.replace(/\{(\w+)\}/g, (_, name) => written(call.path[name]))
          const asked = Object.entries(call.query).map(([name, value]) => `${name}=${written(value)}`)
          const sent = { token, ...(call.json !== undefined && { json: call.json }) }
          const { status, body } = await site.send(method.toUpperCase(), `${at}?${asked.join('&')}`, sent)
          assert.ok(String(status) in described.responses, `${status} is not described: ${body}`)
          // 502: there is no cloud here.
          assert.ok(status < 500 || status === 502, `${status} ${body}`)
        }),
        { seed: 20261124, numRuns: 20 },
      )
    })
  }
})
