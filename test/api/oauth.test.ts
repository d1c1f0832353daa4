import assert from 'node:assert/strict'
import { URI } from 'otpauth'
import { addUser } from '../../src/administration/addUser.ts'
import { createApiClient } from '../../src/administration/createApiClient.ts'
import { enrolment } from '../../src/administration/secondFactor/codes.ts'
import { beginSecondFactor, confirmSecondFactor } from '../../src/administration/secondFactor/setUp.ts'
import { changeSecurity } from '../../src/administration/security/changeSecurity.ts'
import { turnSwitch } from '../../src/administration/turnSwitch.ts'
import { usualLimits } from '../../src/api/limits.ts'
import { day, hour, later, minute } from '../../src/rules/clock.ts'
import { standardSecurity } from '../../src/rules/security.ts'
import { findSecondFactor } from '../../src/storage/secondFactors.ts'
import { findCredentials } from '../../src/storage/users.ts'
import { administrator } from '../support/account.ts'
import { type ApiSite, noLimits, openApiSite, type Sent } from '../support/apiSite.ts'
import { castPassword, hire } from '../support/people.ts'

type Client = { clientId: string; clientSecret: string }

describe('getting an access token', () => {
  let site: ApiSite
  let client: Client
  before(async () => {
    site = await openApiSite()
    client = await createApiClient(site.context, administrator, { name: 'monitoring' })
    await hire(site.context, 'Vera', { localAccountId: site.home.account.id, localVirtualAccountId: site.home.place.id })
  })
  after(() => site.close())

  const credentials = () => ({ grant_type: 'client_credentials', client_id: client.clientId, client_secret: client.clientSecret })
  const ask = (sent: Sent, path = '/oauth/token') => site.send('POST', path, sent)
  const basic = (id: string, secret: string) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` })
  const accountsAs = (token: string) => site.send('GET', '/api/v1/accounts', { token })

  it('works with the parameters in a JSON body, a form or the query, at both addresses', async () => {
    const query = new URLSearchParams(credentials()).toString()
    for (const path of ['/oauth/token', '/backend/oauth/token']) {
      const answers = [
        await ask({ json: credentials() }, path),
        await ask({ form: credentials() }, path),
        await ask({}, `${path}?${query}`),
        await ask({ headers: { 'content-type': 'application/json' } }, `${path}?${query}`),
      ]
      for (const { status, json, headers } of answers) {
        assert.equal(status, 200)
        assert.deepEqual(Object.keys(json), ['access_token', 'token_type', 'expires_in'])
        assert.deepEqual([json.token_type, json.expires_in], ['Bearer', 3600])
        assert.deepEqual([headers['cache-control'], headers.pragma], ['no-store', 'no-cache'])
        assert.equal((await accountsAs(json.access_token)).status, 200)
      }
    }
  })

  it('works with the client in the header', async () => {
    const { status, json } = await ask({
      form: { grant_type: 'client_credentials' },
      headers: basic(client.clientId, encodeURIComponent(client.clientSecret)),
    })
    assert.equal(status, 200)
    assert.equal((await accountsAs(json.access_token)).status, 200)
  })

  it('gives the scopes that are asked for, and says them', async () => {
    const { json } = await ask({ json: { ...credentials(), scope: 'read tokens' } })
    assert.equal(json.scope, 'read tokens')
    assert.equal((await site.send('GET', '/metrics', { token: json.access_token })).status, 403)
  })

  it('lets a person in by password, as far as both the person and the client may', async () => {
    const password = { ...credentials(), grant_type: 'password', username: 'vera', password: castPassword }
    const { status, json } = await ask({ json: password })
    assert.equal(status, 200)
    assert.equal((await site.send('GET', `${site.base}/virtual-accounts`, { token: json.access_token })).status, 200)
    assert.equal((await site.send('POST', `${site.base}/virtual-accounts`, { token: json.access_token, json: { name: 'X' } })).status, 403)
    assert.equal((await site.send('GET', '/metrics', { token: json.access_token })).status, 403)
  })

  it('refuses a person whose password is too old, and one who does not agree to what has to be agreed to', async () => {
    const grant = (more: object) =>
      ask({ json: { ...credentials(), grant_type: 'password', username: 'vera', password: castPassword, ...more } })
    await changeSecurity(site.context, administrator, { ...standardSecurity, banner: { text: 'Authorized use only.', consent: true } })
    const silent = await grant({})
    assert.deepEqual([silent.status, silent.json.error], [400, 'invalid_request'])
    assert.match(silent.json.error_description, /consent=on .*Authorized use only/)
    assert.equal((await grant({ consent: 'on' })).status, 200)
    await site.context.storage
      .db('users')
      .where({ username: 'vera' })
      .update({ password_changed_at: later(site.clock.now(), -61 * day) })
    await changeSecurity(site.context, administrator, {
      ...standardSecurity,
      passwords: { ...standardSecurity.passwords, longest: 60 * day },
    })
    const old = await grant({})
    assert.deepEqual([old.status, old.json.error], [400, 'invalid_grant'])
    await changeSecurity(site.context, administrator, standardSecurity)
  })

  it('refuses a person who has a second factor or has to have one, and nobody before it is in force', async () => {
    await hire(site.context, 'Sam', { localAccountId: site.home.account.id, localVirtualAccountId: site.home.place.id })
    const grant = () => ask({ json: { ...credentials(), grant_type: 'password', username: 'sam', password: castPassword } })
    const refused = async () => {
      const { status, json } = await grant()
      assert.deepEqual([status, json.error, json.access_token], [400, 'invalid_grant', undefined])
      assert.match(json.error_description, /signs in with a second factor, which a script has not/)
    }
    await changeSecurity(site.context, administrator, { ...standardSecurity, secondFactor: 'everybody' })
    await refused()
    await changeSecurity(site.context, administrator, standardSecurity)
    const { user } = (await findCredentials(site.context.storage.db, 'sam'))!
    await beginSecondFactor(site.context, user)
    assert.equal((await grant()).status, 200)
    const { uri } = enrolment(site.context, (await findSecondFactor(site.context.storage.db, user.id))!, user.username)
    const code = URI.parse(uri).generate({ timestamp: site.clock.now().getTime() })
    await confirmSecondFactor(site.context, user, Buffer.alloc(0), code)
    await refused()
  })

  it('refuses a person with a wrong password, and one who has to change it first', async () => {
    const person = { ...credentials(), grant_type: 'password' }
    await addUser(site.context, administrator, { username: 'newcomer', password: castPassword, mustChangePassword: true, assignments: [] })
    for (const [username, secret] of [
      ['vera', 'a wrong password'],
      ['nobody', castPassword],
      ['newcomer', castPassword],
    ]) {
      const { status, json } = await ask({ json: { ...person, username, password: secret } })
      assert.deepEqual([status, json.error], [400, 'invalid_grant'])
    }
  })

  const mistakes: [string, number, string, () => Sent][] = [
    ['without a grant', 400, 'invalid_request', () => ({ json: { ...credentials(), grant_type: undefined } })],
    ['with another grant', 400, 'unsupported_grant_type', () => ({ json: { ...credentials(), grant_type: 'authorization_code' } })],
    ['without a secret', 401, 'invalid_client', () => ({ json: { ...credentials(), client_secret: '' } })],
    ['with a wrong secret', 401, 'invalid_client', () => ({ json: { ...credentials(), client_secret: 'wrong' } })],
    ['as an unknown client', 401, 'invalid_client', () => ({ json: { ...credentials(), client_id: 'nobody' } })],
    [
      'with a header that is none',
      401,
      'invalid_client',
      () => ({ form: { grant_type: 'client_credentials' }, headers: { authorization: 'Basic !' } }),
    ],
    ['with the secret in two places', 400, 'invalid_request', () => ({ form: credentials(), headers: basic('a', 'b') })],
    ['with a number for a name', 400, 'invalid_request', () => ({ json: { ...credentials(), client_id: 7 } })],
    ['with a scope it has not', 400, 'invalid_scope', () => ({ json: { ...credentials(), scope: 'everything' } })],
    ['by password without one', 400, 'invalid_request', () => ({ json: { ...credentials(), grant_type: 'password', username: 'vera' } })],
    ['with a body that is no JSON', 400, 'invalid_request', () => ({ body: '{', headers: { 'content-type': 'application/json' } })],
    ['with a body of another kind', 400, 'invalid_request', () => ({ body: '<a/>', headers: { 'content-type': 'text/xml' } })],
    [
      'with a parameter twice',
      400,
      'invalid_request',
      () => ({ body: 'scope=read&scope=read', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    ],
    ['with a NUL', 400, 'invalid_request', () => ({ json: { ...credentials(), client_id: 'a\0' } })],
  ]
  for (const [how, status, error, sent] of mistakes) {
    it(`is refused ${how}, in the words of RFC 6749`, async () => {
      const answer = await ask(sent())
      assert.deepEqual([answer.status, answer.json.error], [status, error])
      assert.match(answer.json.error_description, /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
      assert.equal(answer.headers['www-authenticate']?.startsWith('Basic '), status === 401 ? true : undefined)
    })
  }

  it('tells an unknown client and a wrong secret in the same words', async () => {
    const unknown = await ask({ json: { ...credentials(), client_id: 'f'.repeat(32) } })
    const wrong = await ask({ json: { ...credentials(), client_secret: 'wrong' } })
    assert.equal(unknown.body, wrong.body)
  })

  it('is good until the token ends, the client ends, or the token is revoked', async () => {
    const brief = await createApiClient(site.context, administrator, { name: 'brief', expiresAt: later(site.clock.now(), 2 * hour) })
    const of = async ({ clientId, clientSecret }: Client) =>
      (await ask({ json: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret } })).json.access_token
    const [first, second] = [await of(client), await of(client)]
    const revoked = await site.send('POST', '/oauth/revoke', { form: { ...credentials(), token: first } })
    assert.deepEqual([revoked.status, revoked.body], [200, '{}'])
    assert.deepEqual([(await accountsAs(first)).status, (await accountsAs(second)).status], [401, 200])
    site.clock.advance(hour)
    assert.equal((await accountsAs(second)).status, 401)
    const last = await of(brief)
    site.clock.advance(hour)
    assert.equal((await accountsAs(last)).status, 401)
  })

  it('is not possible while the API is switched off, and no token is good then', async () => {
    const { json } = await ask({ json: credentials() })
    await turnSwitch(site.context, administrator, 'api', false)
    const answer = await ask({ json: credentials() })
    assert.deepEqual([answer.status, answer.json.error], [503, 'temporarily_unavailable'])
    const call = await accountsAs(json.access_token)
    assert.equal(call.status, 503)
    assert.match(call.json.statusMessage, /switched off/)
    assert.equal((await site.send('GET', '/health/ready')).status, 200)
    await turnSwitch(site.context, administrator, 'api', true)
  })
})

describe('trying secrets', () => {
  let site: ApiSite
  before(async () => {
    site = await openApiSite({ limits: { ...noLimits, clientFailures: usualLimits.clientFailures } })
  })
  after(() => site.close())

  it('ends after five failures of a client, for a quarter of an hour, even with the right secret', async () => {
    const client = await createApiClient(site.context, administrator, { name: 'target' })
    const other = await createApiClient(site.context, administrator, { name: 'bystander' })
    const ask = (clientId: string, clientSecret: string) =>
      site.send('POST', '/oauth/token', { json: { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret } })
    for (let time = 0; time < 5; time++) assert.equal((await ask(client.clientId, 'wrong')).status, 401)
    site.clock.advance(5 * minute)
    const locked = await ask(client.clientId, client.clientSecret)
    assert.deepEqual([locked.status, locked.headers['retry-after']], [429, '600'])
    assert.equal((await ask(other.clientId, other.clientSecret)).status, 200)
    site.clock.advance(10 * minute)
    assert.equal((await ask(client.clientId, client.clientSecret)).status, 200)
  })
})
