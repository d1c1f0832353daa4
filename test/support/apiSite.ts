import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApiClient } from '../../src/administration/createApiClient.ts'
import { issueAccessToken } from '../../src/administration/issueAccessToken.ts'
import { turnSwitch } from '../../src/administration/turnSwitch.ts'
import { type ApiOptions, createApi } from '../../src/api/app.ts'
import type { Route } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import type { Context } from '../../src/context.ts'
import { minute } from '../../src/rules/clock.ts'
import { administrator, type RegisteredAccount, registeredAccount } from './account.ts'
import { type TestClock, testClock } from './clock.ts'
import { type TestContext, testContext } from './context.ts'
import { createTestDatabase } from './database.ts'
import { ask, type HttpAnswer } from './http.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever member it wants to see, and asserts on it
type Json = Record<string, any>

/** An answer, read. */
export type ApiAnswer = HttpAnswer & { json: Json }

/** What is sent beside method and path. `json` and `form` say their own content type. */
export type Sent = {
  token?: string | undefined
  json?: unknown
  form?: Record<string, string>
  body?: string
  headers?: Record<string, string>
}

/** The API of a context on a port of its own, switched on. */
export type ServedApi = {
  url: string
  send(method: string, path: string, sent?: Sent): Promise<ApiAnswer>
  /** A new client and a token of it: of the server or, with its number, of an account; with all scopes or some. */
  token(wish?: { localAccountId?: number; scopes?: string[] }): Promise<string>
  close(): Promise<void>
}

/** The API with a database, a clock and a registered account of its own; `base` is where calls on the account begin. */
export type ApiSite = ServedApi & { context: TestContext; clock: TestClock; home: RegisteredAccount; base: string }

/** No limit that a test meets unless it wants to. */
const generous = { times: 1_000_000, window: minute }
export const noLimits = { calls: generous, requests: generous, clientFailures: generous, sourceFailures: generous }

/** Serves the API of a context. */
export async function serveApi(context: Context, options: ApiOptions = {}): Promise<ServedApi> {
  await turnSwitch(context, administrator, 'api', true)
  const server = createServer(createApi(context, { limits: noLimits, ...options }))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    send: (method, path, sent = {}) => send(url, method, path, sent),
    async token({ localAccountId, scopes } = {}) {
      const wish = { name: 'a script', ...(localAccountId !== undefined && { localAccountId }), ...(scopes && { scopes }) }
      const client = await createApiClient(context, administrator, wish)
      return (await issueAccessToken(context, { ...client, address: '192.0.2.1', scopes: [] })).accessToken
    },
    close: () => new Promise<void>(resolve => server.close(() => resolve())),
  }
}

/** Opens an API site. */
export async function openApiSite(options: ApiOptions = {}): Promise<ApiSite> {
  const database = await createTestDatabase()
  const clock = testClock()
  const context = testContext(database.storage, clock)
  const home = await registeredAccount(context, { name: 'Example Lab' })
  const served = await serveApi(context, options)
  return {
    ...served,
    context,
    clock,
    home,
    base: `/api/v1/accounts/${encodeURIComponent(home.account.name)}`,
    async close() {
      await served.close()
      await database.drop()
    },
  }
}

async function send(url: string, method: string, path: string, { token, json, form, body, headers = {} }: Sent): Promise<ApiAnswer> {
  const type = json !== undefined ? 'application/json' : form ? 'application/x-www-form-urlencoded' : undefined
  const answer = await ask(`${url}${path}`, {
    method,
    headers: { ...(type && { 'content-type': type }), ...(token && { authorization: `Bearer ${token}` }), ...headers },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(form && { body: new URLSearchParams(form).toString() }),
    ...(body !== undefined && { body }),
  })
  const isJson = answer.headers['content-type']?.startsWith('application/json') ?? false
  const read = { ...answer, json: isJson && answer.body ? JSON.parse(answer.body) : {} }
  if (isJson) checkPromise(method, path, read)
  return read
}

/** Every successful answer is held against what the route promises, so that the description is tried by each test. */
function checkPromise(method: string, path: string, { status, json }: ApiAnswer): void {
  const route = routeOf(method, path.split('?')[0]!)
  if (route?.kind !== 'call' || status >= 300 || !('shape' in route.answer)) return
  const { status: said, statusMessage, ...rest } = json
  assert.ok(said === 'SUCCESS' || status === 207, `${method} ${path} was answered ${status} and says ${said}: ${statusMessage}`)
  assert.equal(typeof statusMessage, 'string')
  route.answer.strict().parse(rest)
}

const routeOf = (method: string, path: string): Route | undefined =>
  routes.find(route => route.method === method.toLowerCase() && new RegExp(`^${route.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path))
