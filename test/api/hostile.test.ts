import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { routes } from '../../src/api/routes.ts'
import { type ApiSite, openApiSite, type Sent } from '../support/apiSite.ts'
import { ask } from '../support/http.ts'

/** Texts that somebody who means harm would try, among any others. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    "'; drop table users; --",
    '\0',
    '../../etc/passwd',
    '%',
    '_%',
    '\\',
    '{{7*7}}',
    '<script>',
    '𝒜\u202e',
    '-1',
    '1e999',
    'null',
    ' ',
    'x'.repeat(3000),
  ),
)
const value = fc.oneof(
  { depthSize: 'small' },
  nasty,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(nasty, { maxLength: 5 }),
  fc.jsonValue(),
)
/** Bodies whose members are mostly those that some route knows. */
const names = [
  ...['limit', 'offset', 'cursor', 'virtualAccounts', 'hostname', 'status', 'sortBy', 'sortOrder', 'severity', 'messageType', 'cleared'],
  ...[
    'license',
    'name',
    'description',
    'commerceAccessLevel',
    'expiresAfterDays',
    'exportControlled',
    'maxUses',
    'tokens',
    'productInstances',
  ],
  ...[
    'reason',
    'type',
    'kind',
    'from',
    'to',
    'grant_type',
    'client_id',
    'client_secret',
    'username',
    'password',
    'scope',
    'token',
    '__proto__',
  ],
]
const members = fc.dictionary(fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: nasty }), value, {
  maxKeys: 6,
})
const body: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 6, arbitrary: members.map(json => ({ json })) },
  { weight: 2, arbitrary: fc.jsonValue().map(json => ({ json })) },
  { weight: 1, arbitrary: nasty.map(text => ({ body: text, headers: { 'content-type': 'application/json' } })) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom(...names), nasty, { maxKeys: 4 }).map(form => ({ form })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('text/plain', 'application/json; charset=utf-7', 'multipart/form-data', '', 'application/x-www-form-urlencoded')
      .map(type => ({
        body: 'a=b',
        headers: { 'content-type': type },
      })),
  },
)

describe('somebody who means harm', function () {
  this.timeout(120_000)
  let site: ApiSite
  let token: string
  before(async () => {
    site = await openApiSite()
    token = await site.token()
  })
  after(() => site.close())

  const encode = (text: string) => encodeURIComponent(text.toWellFormed())
  /** The path of a route with the account that is there, or with anything at all. */
  const pathOf = (path: string, given: string) =>
    path
      .replace('{account}', encode(site.home.account.name))
      .replace('{virtualAccount}', 'Default')
      .replace(/\{\w+\}/g, encode(given) || '-')

  for (const { method, path, kind } of routes.filter(route => !route.path.startsWith('/health'))) {
    it(`gets an answer and never a fault from ${method.toUpperCase()} ${path}`, async () => {
      await fc.assert(
        fc.asyncProperty(body, nasty, fc.dictionary(fc.constantFrom(...names), nasty, { maxKeys: 3 }), async (sent, given, query) => {
          const asked = Object.entries(query).map(([name, text]) => `${encode(name)}=${encode(text)}`)
          const answer = await site.send(method.toUpperCase(), `${pathOf(path, given)}?${asked.join('&')}`, {
            ...(method === 'post' && sent),
            ...(kind === 'call' && { token }),
          })
          // 502: there is no cloud here.
          assert.ok(answer.status < 500 || answer.status === 502, `${answer.status} ${answer.body}`)
          if (answer.status >= 400) assert.ok((answer.json.statusMessage ?? answer.json.error_description).length > 0)
        }),
        { numRuns: 25 },
      )
    })
  }

  it('finds no way by the name of an account or of a Local Virtual Account', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, nasty, async (account, place) => {
        const { status } = await site.send(
          'GET',
          `/api/v1/accounts/${encode(account) || '-'}/virtual-accounts/${encode(place) || '-'}/tokens`,
          { token },
        )
        assert.ok(status === 404 || status === 405, `It was answered ${status}`)
      }),
      { numRuns: 60 },
    )
  })

  it('finds no way by the header that shows a token', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200 }), async text => {
        const authorization = text.replace(/[^\x20-\x7e]/g, '').trim()
        const { status } = await site.send('GET', '/api/v1/accounts', { headers: { authorization } })
        assert.equal(status, 401)
      }),
      { numRuns: 60 },
    )
  })

  it('is refused a body that is too large, or inflates to one, before anybody reads it', async () => {
    const large = JSON.stringify({ tokens: ['x'.repeat(2 * 1024 * 1024)] })
    const path = `${site.base}/virtual-accounts/Default/tokens/revoke`
    const plain = await site.send('POST', path, { token, body: large, headers: { 'content-type': 'application/json' } })
    assert.deepEqual([plain.status, plain.json.status], [413, 'ERROR'])
    const bomb = await ask(`${site.url}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync(large),
    })
    assert.equal(bomb.status, 413)
  })

  it('is told what is wrong with a body, in a sentence', async () => {
    const path = `${site.base}/devices`
    const json = { 'content-type': 'application/json' }
    for (const [sent, status, sentence] of [
      [{ body: '{', headers: json }, 400, 'The body is not valid JSON.'],
      [{ body: '[]', headers: json }, 400, 'The body must be a JSON object.'],
      [{ body: '{"limit":1,"limit":2}', headers: json }, 400, 'The body has an object with two members of the same name.'],
      [{ body: '{"__proto__":{}}', headers: json }, 400, "The body must not have a member '__proto__'."],
      [
        { body: 'limit=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
        415,
        'The body must come as application/json; say so in the header Content-Type.',
      ],
      [{ body: '{}' }, 415, 'The body must come as application/json; say so in the header Content-Type.'],
    ] as [Sent, number, string][]) {
      const answer = await site.send('POST', path, { token, ...sent })
      assert.deepEqual([answer.status, answer.json.statusMessage], [status, sentence])
    }
    const twice = await site.send('GET', `${site.base}/events?limit=1&limit=2`, { token })
    assert.deepEqual([twice.status, twice.json.statusMessage], [400, 'A parameter is given more than once.'])
  })

  it('finds no secret in the log', async () => {
    const { json } = await site.send('POST', `${site.base}/virtual-accounts/Default/tokens`, { token, json: {} })
    await site.send('GET', `${site.base}/virtual-accounts/Default/tokens`, { token })
    const log = site.context.logged.join('\n')
    for (const secret of [token, json.tokenInfo.token]) assert.ok(!log.includes(secret))
  })
})

describe('a fault of ours', () => {
  it('is a number to quote, and its details stay in the log', async () => {
    const site = await openApiSite()
    const token = await site.token()
    await site.context.storage.db.raw('alter table alerts rename to elsewhere')
    const { status, json, body } = await site.send('POST', `${site.base}/alerts`, { token })
    assert.deepEqual([status, json.status], [500, 'ERROR'])
    const [, number] = /number ([0-9a-f]{12})/.exec(json.statusMessage) ?? []
    assert.ok(!/relation|alerts|select/.test(body))
    assert.ok(site.context.logged.some(line => line.includes(number!) && line.includes('relation')))
    await site.close()
  })
})
