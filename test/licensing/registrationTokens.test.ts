import assert from 'node:assert/strict'
import { createRegistrationToken } from '../../src/licensing/createRegistrationToken.ts'
import { presentToken } from '../../src/licensing/presentToken.ts'
import { revokeRegistrationToken } from '../../src/licensing/revokeRegistrationToken.ts'
import { showRegistrationToken } from '../../src/licensing/showRegistrationToken.ts'
import { day } from '../../src/rules/clock.ts'
import { accountNumberIn } from '../../src/rules/identifiers.ts'
import { administrator, newToken, type RegisteredAccount, registeredAccount } from '../support/account.ts'
import { testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

describe('registration tokens', () => {
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

  const eventsOf = (kind: string) => database.storage.db('events').where({ kind }).orderBy('id').select('message', 'who')
  const keyOf = (id: string) => ({ localAccountId: home.account.id, id })

  it('are base64 of identifier, end and secret, and the identifier carries the account', async () => {
    const { token, secret } = await newToken(context, home)
    const [head, tail] = Buffer.from(secret, 'base64').toString('latin1').split('|')
    assert.equal(head, `${token.id}-${clock.now().getTime() + 30 * day}`)
    assert.equal(Buffer.from(tail!, 'base64').length, 32)
    assert.equal(accountNumberIn(token.id), home.account.id)
    assert.ok(secret.length <= 140, 'device managers cap the token at 140 characters')
  })

  it('open their row however they were pasted', async () => {
    const { token, secret } = await newToken(context, home)
    const pasted = [
      secret,
      `${secret}\n`,
      encodeURIComponent(secret),
      `${encodeURIComponent(secret.slice(0, 60))}%0A${secret.slice(60)}%0A`,
    ]
    for (const text of pasted) assert.equal((await presentToken(context, text))?.id, token.id)
  })

  it('open nothing when any part of them is another', async () => {
    const { token, secret } = await newToken(context, home)
    const plain = Buffer.from(secret, 'base64').toString('latin1')
    const [head, tail] = plain.split('|') as [string, string]
    const otherSecret = Buffer.alloc(32, 7).toString('base64')
    const longer = `${token.id}-${token.expiresAt.getTime() + day}`
    const forged = [`${head}|${otherSecret}`, `${longer}|${tail}`, `${plain}=`, `${head}`, '', `${head.replace(/^./, 'f')}|${tail}`]
    for (const text of forged) assert.equal(await presentToken(context, Buffer.from(text).toString('base64')), undefined)
    for (const text of ['BadRegistrationToken', '%', '{"$ne":1}', '\u0000']) assert.equal(await presentToken(context, text), undefined)
  })

  it('are kept so that the database alone does not show them', async () => {
    const { secret } = await newToken(context, home)
    const plain = Buffer.from(secret, 'base64').toString('latin1')
    const rows = await database.storage.db('registration_tokens')
    for (const row of rows) {
      for (const bytes of [row.secret_hash, row.secret_sealed] as Buffer[]) {
        for (const text of [secret, plain, plain.split('|')[1]!]) assert.equal(bytes.includes(text), false)
      }
    }
  })

  it('are shown again to those who ask, and the log says who asked and not what was shown', async () => {
    const { token, secret } = await newToken(context, home)
    assert.equal(await showRegistrationToken(context, administrator, keyOf(token.id)), secret)
    const line = context.logged.find(line => line.includes(token.id))
    assert.match(line ?? '', /"who":"ada"/)
    assert.equal(context.logged.join().includes(secret), false)
  })

  it('are revoked once: the first who did it stays the one, and nobody is shown them again', async () => {
    const { token } = await newToken(context, home)
    const revoked = await revokeRegistrationToken(context, administrator, keyOf(token.id))
    assert.deepEqual(revoked.revokedAt, clock.now())
    clock.advance(day)
    const again = await revokeRegistrationToken(context, { ...administrator, name: 'bea' }, keyOf(token.id))
    assert.deepEqual(again.revokedAt, revoked.revokedAt)
    assert.deepEqual(
      (await eventsOf('token revoked')).map(event => event.who),
      ['ada'],
    )
    await assert.rejects(showRegistrationToken(context, administrator, keyOf(token.id)), { code: 'CONFLICT' })
  })

  it('leave an event when they are created', async () => {
    await createRegistrationToken(context, administrator, {
      localAccountId: home.account.id,
      localVirtualAccountId: home.place.id,
      description: 'for the branches',
      days: 1,
      maximumUses: 3,
      exportControlled: true,
    })
    const [event] = (await eventsOf('token created')).slice(-1)
    assert.deepEqual(event, { message: 'A registration token for Default was created: for the branches.', who: 'ada' })
  })

  it('need a Local Virtual Account of the account, and bounds that hold', async () => {
    const request = { localAccountId: home.account.id, localVirtualAccountId: home.place.id, description: '', exportControlled: false }
    const create = (given: object) => createRegistrationToken(context, administrator, { ...request, days: 30, maximumUses: null, ...given })
    await assert.rejects(create({ localVirtualAccountId: home.place.id + 1000 }), { code: 'NOT_FOUND' })
    await assert.rejects(create({ days: 10_000 }), { code: 'INVALID', field: 'expiresAfterDays' })
    await assert.rejects(create({ maximumUses: 0 }), { code: 'INVALID', field: 'maxUses' })
  })

  it('of another account are not there', async () => {
    const other = await registeredAccount(context)
    const { token } = await newToken(context, other)
    await assert.rejects(showRegistrationToken(context, administrator, keyOf(token.id)), { code: 'NOT_FOUND' })
    await assert.rejects(revokeRegistrationToken(context, administrator, keyOf(token.id)), { code: 'NOT_FOUND' })
    await assert.rejects(showRegistrationToken(context, administrator, keyOf('no identifier')), { code: 'NOT_FOUND' })
  })
})
