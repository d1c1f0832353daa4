import assert from 'node:assert/strict'
import { presentToken } from '../../src/licensing/presentToken.ts'
import { day } from '../../src/rules/clock.ts'
import { tokenStanding } from '../../src/rules/tokens.ts'
import { insertLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { newToken } from '../support/account.ts'
import { type ApiSite, openApiSite } from '../support/apiSite.ts'

describe('registration tokens by the API', () => {
  let site: ApiSite
  let token: string
  let path: string
  before(async () => {
    site = await openApiSite()
    const neighbour = { localAccountId: site.home.account.id, name: 'Neighbour', createdAt: site.clock.now() }
    await insertLocalVirtualAccount(site.context.storage.db, neighbour)
  })
  after(() => site.close())
  beforeEach(async () => {
    token = await site.token()
    path = `${site.base}/virtual-accounts/Default/tokens`
    await site.context.storage.db('registration_tokens').delete()
  })

  const create = (json: object = {}) => site.send('POST', path, { token, json })
  const list = (query = '') => site.send('GET', `${path}${query}`, { token })
  const revoke = (tokens: unknown, at = path) => site.send('POST', `${at}/revoke`, { token, json: { tokens } })

  it('are created as an orchestration script asks for them, and let a product in', async () => {
    const { status, json } = await create({ description: 'rollout', expiresAfterDays: 1, exportControlled: 'Allowed' })
    assert.equal(status, 200)
    const { token: text, tokenId, ...rest } = json.tokenInfo
    assert.deepEqual(rest, {
      description: 'rollout',
      status: 'Usable',
      expirationDate: new Date(site.clock.now().getTime() + day).toISOString(),
      createdDate: site.clock.now().toISOString(),
      createdBy: 'a script',
      exportControlled: 'Allowed',
      maxUses: null,
      uses: 0,
    })
    const presented = await presentToken(site.context, text)
    assert.deepEqual([presented?.id, presented?.exportControlled], [tokenId, true])
  })

  it('live for 30 days and are not for export-controlled functionality, unless something else is said', async () => {
    const { tokenInfo } = (await create()).json
    assert.deepEqual(
      [tokenInfo.exportControlled, tokenInfo.expirationDate],
      ['Not Allowed', new Date(site.clock.now().getTime() + 30 * day).toISOString()],
    )
  })

  it('take numbers as spreadsheets write them', async () => {
    const { json } = await create({ expiresAfterDays: '7', maxUses: '3' })
    assert.equal(json.tokenInfo.maxUses, 3)
  })

  for (const [what, json] of [
    ['no days', { expiresAfterDays: 0 }],
    ['too many days', { expiresAfterDays: 10_000 }],
    ['a part of a day', { expiresAfterDays: 1.5 }],
    ['no uses', { maxUses: 0 }],
    ['a word that is none', { exportControlled: 'Maybe' }],
    ['a description of a page', { description: 'x'.repeat(256) }],
    ['a list for a description', { description: ['x'] }],
    ['a NUL', { description: 'a\0b' }],
  ] as const) {
    it(`are not created with ${what}`, async () => {
      const { status, json: answer } = await create(json)
      assert.deepEqual([status, answer.status], [400, 'ERROR'])
      assert.match(answer.statusMessage, new RegExp(`^${Object.keys(json)[0]}: `))
      assert.equal((await list('?status=all')).json.totalRecords, 0)
    })
  }

  it('are listed with their text, the newest first, and only those that a product can use', async () => {
    const old = (await create({ description: 'old' })).json.tokenInfo
    const brief = (await create({ description: 'brief', expiresAfterDays: 1 })).json.tokenInfo
    const gone = (await create({ description: 'gone' })).json.tokenInfo
    await revoke([gone.token])
    site.clock.advance(day)
    token = await site.token()
    const fresh = (await create({ description: 'fresh' })).json.tokenInfo
    const usable = (await list()).json
    assert.deepEqual(
      usable.tokens.map((each: { token: string }) => each.token),
      [fresh.token, old.token],
    )
    assert.equal(usable.totalRecords, 2)
    const all = (await list('?status=all&limit=-1')).json.tokens
    const seen = Object.fromEntries(
      all.map((each: { description: string; status: string; token: string | null }) => [
        each.description,
        [each.status, each.token !== null],
      ]),
    )
    assert.deepEqual(seen, { fresh: ['Usable', true], gone: ['Revoked', false], brief: ['Expired', true], old: ['Usable', true] })
    assert.equal((await list('?status=Expired')).json.tokens[0].token, brief.token)
    assert.ok(site.context.logged.some(line => line.includes('registration tokens were shown') && !line.includes(fresh.token)))
  })

  it('are revoked by their text or their id, and stay revoked', async () => {
    const made = [(await create()).json.tokenInfo, (await create()).json.tokenInfo]
    const { status, json } = await revoke([made[0].token, made[1].tokenId])
    assert.deepEqual([status, json.status], [200, 'SUCCESS'])
    assert.deepEqual(
      json.tokensRevokeStatus.map((each: { status: string; token: string }) => [each.status, each.token]),
      [
        ['SUCCESS', made[0].token],
        ['SUCCESS', made[1].tokenId],
      ],
    )
    for (const { token: text } of made) {
      const presented = await presentToken(site.context, text)
      assert.equal(presented && tokenStanding(presented, site.clock.now()), 'revoked')
    }
    assert.equal((await revoke([made[0].token])).status, 200)
  })

  it('of a neighbour, and texts that are none, are left alone and said', async () => {
    const own = (await create()).json.tokenInfo
    const neighbour = `${site.base}/virtual-accounts/Neighbour/tokens`
    const [nothing, some] = [await revoke([own.token, 'x'], neighbour), await revoke([own.token, 'x', 'x'])]
    assert.deepEqual([nothing.status, nothing.json.status], [404, 'ERROR'])
    assert.deepEqual([some.status, some.json.status], [207, 'ERROR'])
    assert.match(some.json.statusMessage, /^1 of 2 could not be done/)
    for (const tokens of [[], 'x', [7], Array(1001).fill('x'), undefined]) assert.equal((await revoke(tokens)).status, 400)
  })

  it('belong to their Local Virtual Account, which is found by name or number', async () => {
    await newToken(site.context, site.home)
    const byNumber = await site.send('GET', `${site.base}/virtual-accounts/${site.home.place.id}/tokens`, { token })
    assert.equal(byNumber.json.totalRecords, 1)
    const neighbour = await site.send('GET', `${site.base}/virtual-accounts/neighbour/tokens`, { token })
    assert.equal(neighbour.json.totalRecords, 0)
    for (const nowhere of ['Nowhere', '999999', '0', '-1', '%00', "'; --", '12345678901234567890']) {
      assert.equal((await site.send('GET', `${site.base}/virtual-accounts/${nowhere}/tokens`, { token })).status, 404)
    }
  })
})
