import assert from 'node:assert/strict'
import { hashApiSecret } from '../../src/administration/apiSecrets.ts'
import { createApiClient } from '../../src/administration/createApiClient.ts'
import { issueAccessToken } from '../../src/administration/issueAccessToken.ts'
import { revokeAccessToken } from '../../src/administration/revokeAccessToken.ts'
import { turnSwitch } from '../../src/administration/turnSwitch.ts'
import { day, hour, later } from '../../src/rules/clock.ts'
import { deleteApiTokensBefore, findApiTokenHolder } from '../../src/storage/apiTokens.ts'
import { isOn } from '../../src/storage/switches.ts'
import { administrator, type RegisteredAccount, registeredAccount } from '../support/account.ts'
import { testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

describe('clients of the API', () => {
  const clock = testClock()
  let database: TestDatabase
  let context: TestContext
  let home: RegisteredAccount

  before(async () => {
    database = await createTestDatabase()
    context = testContext(database.storage, clock)
    home = await registeredAccount(context)
  })
  after(() => database.drop())

  const ask = (client: { clientId: string; clientSecret: string }, scopes: string[] = []) =>
    issueAccessToken(context, { ...client, address: '192.0.2.7', scopes })
  const holderOf = (accessToken: string) => findApiTokenHolder(database.storage.db, hashApiSecret(accessToken))

  it('get a secret that the database does not show', async () => {
    const { clientId, clientSecret } = await createApiClient(context, administrator, { name: 'monitoring' })
    assert.ok(clientSecret.length >= 43)
    const rows = await database.storage.db.raw('select c::text from api_clients c where client_id = ?', [clientId])
    const { accessToken } = await ask({ clientId, clientSecret })
    const tokens = await database.storage.db.raw('select t::text from api_tokens t')
    const kept = JSON.stringify([rows.rows, tokens.rows, context.logged])
    for (const secret of [clientSecret, accessToken]) {
      assert.ok(!kept.includes(secret) && !kept.includes(Buffer.from(secret).toString('hex')))
    }
  })

  it('of the server have every scope, those of an account what concerns the account', async () => {
    const ofServer = await ask(await createApiClient(context, administrator, { name: 'server' }))
    const ofAccount = await ask(await createApiClient(context, administrator, { name: 'account', localAccountId: home.account.id }))
    assert.deepEqual(ofServer.scopes, ['read', 'tokens', 'inventory', 'accounts', 'system', 'metrics'])
    assert.deepEqual(ofAccount.scopes, ['read', 'tokens', 'inventory', 'accounts'])
  })

  it('are refused scopes that their place does not allow, unknown ones, and none', async () => {
    for (const scopes of [['metrics'], ['read', 'everything'], []]) {
      const wish = { name: 'greedy', localAccountId: home.account.id, scopes }
      await assert.rejects(createApiClient(context, administrator, wish), { code: 'INVALID', field: 'scopes' })
    }
  })

  it('get a token for an hour, with the scopes they ask for and no others', async () => {
    const client = await createApiClient(context, administrator, { name: 'narrow', scopes: ['read', 'tokens'] })
    const token = await ask(client, ['read'])
    assert.deepEqual([token.expiresIn, token.scopes], [3600, ['read']])
    assert.deepEqual((await holderOf(token.accessToken))?.scopes, ['read'])
    await assert.rejects(ask(client, ['metrics']), { code: 'INVALID', field: 'scope' })
  })

  it('are refused with a wrong secret, when unknown and when they have ended, all in one sentence, and it is on record', async () => {
    const client = await createApiClient(context, administrator, { name: 'brief', expiresAt: later(clock.now(), day) })
    const refusals: string[] = []
    for (const claim of [
      { ...client, clientSecret: 'wrong' },
      { clientId: 'nobody', clientSecret: client.clientSecret },
    ]) {
      await ask(claim).then(
        () => assert.fail('It was let in'),
        (error: Error) => refusals.push(error.message),
      )
    }
    clock.advance(day)
    await assert.rejects(ask(client), { code: 'NOT_SIGNED_IN', message: refusals[0]! })
    assert.equal(refusals[0], refusals[1])
    const events = await database.storage.db('events').where({ kind: 'sign-in refused' }).orderBy('id').select('who', 'source')
    assert.deepEqual(
      events.map(({ who, source }) => [who, source]),
      [
        ['brief', '192.0.2.7'],
        ['nobody', '192.0.2.7'],
        ['brief', '192.0.2.7'],
      ],
    )
  })

  it('get tokens that do not outlive them', async () => {
    const client = await createApiClient(context, administrator, { name: 'last hour', expiresAt: later(clock.now(), hour / 2) })
    assert.equal((await ask(client)).expiresIn, 1800)
  })

  it('revoke their own tokens and leave those of others alone', async () => {
    const [one, other] = await Promise.all(['one', 'other'].map(name => createApiClient(context, administrator, { name })))
    const { accessToken } = await ask(one!)
    await revokeAccessToken(context, { ...other!, address: '192.0.2.7' }, accessToken)
    assert.ok(await holderOf(accessToken))
    await revokeAccessToken(context, { ...one!, address: '192.0.2.7' }, accessToken)
    assert.equal(await holderOf(accessToken), undefined)
  })

  it('leave no token behind once it has ended', async () => {
    const client = await createApiClient(context, administrator, { name: 'swept' })
    const { accessToken } = await ask(client)
    clock.advance(hour + 1)
    await deleteApiTokensBefore(database.storage.db, clock.now())
    assert.equal(await holderOf(accessToken), undefined)
  })

  it('find the API off until somebody switches it on', async () => {
    assert.equal(await isOn(database.storage.db, 'api'), false)
    await turnSwitch(context, administrator, 'api', true)
    await turnSwitch(context, administrator, 'api', true)
    assert.equal(await isOn(database.storage.db, 'api'), true)
    const events = await database.storage.db('events').where({ kind: 'settings changed' })
    assert.equal(events.length, 1)
  })
})
