import assert from 'node:assert/strict'
import { Validator } from '@seriousme/openapi-schema-validator'
import { createApiClient } from '../../src/administration/createApiClient.ts'
import { issueAccessToken } from '../../src/administration/issueAccessToken.ts'
import type { CallRoute, Route } from '../../src/api/route.ts'
import { routes } from '../../src/api/routes.ts'
import { apiScopes } from '../../src/rules/apiClients.ts'
import { administrator, registeredAccount } from '../support/account.ts'
import { type ApiSite, openApiSite } from '../support/apiSite.ts'
import { cast, castPassword, hire, type Member } from '../support/people.ts'

const calls = routes.filter((route): route is CallRoute => route.kind === 'call')
const nameOf = ({ method, path }: Route) => `${method.toUpperCase()} ${path}`

describe('the table of routes', () => {
  let site: ApiSite
  before(async () => {
    site = await openApiSite()
  })
  after(() => site.close())

  /** A path in which everything names something that is there. */
  const concrete = (path: string, account = site.home.account.name) =>
    path
      .replace('{account}', encodeURIComponent(account))
      .replace('{virtualAccount}', 'Default')
      .replace('{tag}', 'any')
      .replace('{report}', 'licenses')
      .replace('{job}', '1')
  const send = (route: CallRoute, token?: string, account?: string) =>
    site.send(route.method.toUpperCase(), concrete(route.path, account), { token, ...(route.method === 'post' && { json: {} }) })

  /** Whether somebody is let in; whoever sees nothing of an account is answered as if it were not there. */
  async function isOpen(route: CallRoute, token: string): Promise<boolean> {
    const { status, body } = await send(route, token)
    return status !== 403 && (route.where === 'server' || body !== (await send(route, token, 'No such account')).body)
  }

  it('has each method of each path once, and each operation by a name of its own', () => {
    assert.equal(new Set(routes.map(nameOf)).size, routes.length)
    assert.equal(new Set(routes.map(({ operation }) => operation)).size, routes.length)
  })

  it('uses every scope that a client may be given', () => {
    assert.deepEqual([...new Set(calls.map(({ scope }) => scope))].sort(), Object.keys(apiScopes).sort())
  })

  for (const route of calls) {
    describe(nameOf(route), () => {
      it('is closed to nobody, and to a token that is none', async () => {
        for (const token of [undefined, 'nonsense', Buffer.alloc(32).toString('base64url')]) {
          const { status, json, headers } = await send(route, token)
          assert.deepEqual([status, json.status, typeof json.statusMessage], [401, 'ERROR', 'string'])
          assert.match(headers['www-authenticate'] ?? '', /^Bearer /)
        }
      })

      it('is closed to a client with every other scope, whether there is such an account or not', async () => {
        const token = await site.token({ scopes: Object.keys(apiScopes).filter(scope => scope !== route.scope) })
        const [there, nowhere] = [await send(route, token), await send(route, token, 'No such account')]
        assert.deepEqual([there.status, nowhere.status], [403, 403])
        assert.equal(there.body, nowhere.body)
      })

      it('is closed to the client of another account, in the words of an account that is not there', async () => {
        const { account } = await registeredAccount(site.context)
        const token = await site.token({ localAccountId: account.id })
        const [there, nowhere] = [await send(route, token), await send(route, token, 'No such account')]
        assert.equal(there.body, nowhere.body)
        // What is the server's is not among the scopes of an account's client, and scopes are asked for first.
        if (route.scope === 'system') assert.equal(there.status, 403)
        else if (route.where !== 'server') assert.equal(there.status, 404)
        else if (route.act !== 'see account') assert.equal(there.status, 403)
        else assert.ok(!there.body.includes(site.home.account.uuid))
      })

      it('is open to a client of the server', async () => {
        const { status } = await send(route, await site.token())
        // 502: there is no cloud here.
        assert.ok(![401, 403, 500].includes(status), `It was answered ${status}`)
      })
    })
  }

  describe('for a person, by password', () => {
    const work = [
      'listVirtualAccounts',
      'listLicenses',
      'explainLicense',
      'listDevices',
      'removeDevices',
      'transferDevices',
      'transferLicenses',
      'listTokens',
      'createToken',
      'revokeTokens',
      'listAlerts',
      'listEvents',
      'getReport',
      'getSynchronization',
      'getSynchronizationJob',
      'getSynchronizationSettings',
      'getAccount',
    ]
    const managing = [
      'createVirtualAccount',
      'deleteVirtualAccount',
      'synchronize',
      'setSynchronizationSettings',
      'prepareSynchronization',
      'applySynchronizationResponse',
      'cancelSynchronizationRequest',
    ]
    const deciding = [
      'registerAccount',
      'requestAccount',
      'changeAccount',
      'approveAccount',
      'rejectAccount',
      'deactivateAccount',
      'deleteAccount',
      'forgetCloudCredentials',
      'prepareRegistration',
      'applyRegistrationResponse',
    ]
    const may: [Member, string[]][] = [
      ['Otto', [...work, ...managing, ...deciding, 'getMetrics', 'getServerSynchronizationSettings', 'getNetwork', 'testConnection']],
      ['Sofia', [...work, ...managing]],
      ['Sam', work],
      ['Vera', work],
      ['Victor', work],
      ['Nora', []],
    ]
    for (const [member, operations] of may) {
      it(`is open to ${member} (${cast[member]}) as far as the role reaches`, async () => {
        await hire(site.context, member, { localAccountId: site.home.account.id, localVirtualAccountId: site.home.place.id })
        const client = await createApiClient(site.context, administrator, { name: 'everything' })
        const user = { username: member.toLowerCase(), password: castPassword }
        const { accessToken } = await issueAccessToken(site.context, { ...client, address: '192.0.2.1', scopes: [], user })
        const open: string[] = []
        for (const route of calls) if (await isOpen(route, accessToken)) open.push(route.operation)
        // The list is open to everybody, and shows each what is theirs.
        assert.deepEqual(open.sort(), ['listAccounts', ...operations].sort())
      })
    }
  })

  it('is described by a valid OpenAPI document, with neither more nor less', async () => {
    const { status, json } = await site.send('GET', '/api/openapi.json')
    assert.equal(status, 200)
    const { valid, errors } = await new Validator().validate(structuredClone(json))
    assert.ok(valid, JSON.stringify(errors, null, 1))
    const described = Object.entries<object>(json.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    )
    assert.deepEqual(described.sort(), routes.map(nameOf).sort())
    for (const { path, method, scope } of calls) {
      assert.deepEqual(json.paths[path][method].security, [{ oauth2: [scope] }])
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const parameters = json.paths[path][method].parameters.filter((each: { in: string }) => each.in === 'path')
      assert.deepEqual(
        parameters.map(({ name }: { name: string }) => name),
        named,
      )
    }
  })

  it('answers another method with those it knows, and another address with a sentence', async () => {
    const wrong = await site.send('PATCH', '/api/v1/accounts')
    assert.deepEqual([wrong.status, wrong.headers.allow, wrong.json.status], [405, 'GET, HEAD, POST', 'ERROR'])
    for (const path of [
      '/api',
      '/api/v1/nothing',
      '/oauth/authorize',
      '/api/v1/accounts/x/virtual-accounts/y/z',
      '/health',
      '/metrics/x',
    ]) {
      const { status, json } = await site.send('GET', path)
      assert.deepEqual([status, json.status, typeof json.statusMessage], [404, 'ERROR', 'string'], path)
    }
  })

  it('says in every answer how many calls are left', async () => {
    const token = await site.token()
    for (const [method, path] of [
      ['GET', '/api/v1/accounts'],
      ['GET', '/api/openapi.json'],
      ['GET', '/api/v1/nothing'],
      ['PUT', '/api/v1/accounts'],
      ['POST', '/oauth/token'],
      ['GET', '/metrics'],
    ] as const) {
      for (const sent of [{}, { token }]) {
        const { headers } = await site.send(method, path, sent)
        for (const name of ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'])
          assert.match(String(headers[name]), /^\d+$/, `${method} ${path}`)
      }
    }
  })
})
