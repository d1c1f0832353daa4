import assert from 'node:assert/strict'
import { openTally } from '../../src/api/limits.ts'
import { later, minute, second } from '../../src/rules/clock.ts'
import { type ApiSite, noLimits, openApiSite } from '../support/apiSite.ts'

describe('a tally', () => {
  const start = new Date('2026-03-01T12:00:00Z')
  const at = (seconds: number) => later(start, seconds * second)

  it('counts down within its window and begins anew after it', () => {
    const tally = openTally({ times: 2, window: minute })
    assert.deepEqual(tally.count('a', at(0)), { limit: 2, remaining: 1, resetsIn: 60, exceeded: false })
    assert.deepEqual(tally.count('a', at(20)), { limit: 2, remaining: 0, resetsIn: 40, exceeded: false })
    assert.deepEqual(tally.count('a', at(59.5)), { limit: 2, remaining: 0, resetsIn: 1, exceeded: true })
    assert.equal(tally.count('b', at(59.5)).exceeded, false)
    assert.deepEqual(tally.count('a', at(60)), { limit: 2, remaining: 1, resetsIn: 60, exceeded: false })
  })

  it('looks without counting, and says whether another time would be too much', () => {
    const tally = openTally({ times: 1, window: minute })
    assert.equal(tally.look('a', at(0)).exceeded, false)
    assert.equal(tally.count('a', at(0)).exceeded, false)
    assert.equal(tally.look('a', at(1)).exceeded, true)
    assert.equal(tally.look('a', at(60)).exceeded, false)
  })

  it('does not stand still when the clock is set back', () => {
    const tally = openTally({ times: 1, window: minute })
    tally.count('a', at(3600))
    assert.equal(tally.count('a', at(0)).exceeded, false)
  })

  it('remembers the latest ten thousand names and no more', () => {
    const tally = openTally({ times: 1, window: minute })
    for (let name = 0; name <= 10_000; name++) tally.count(`${name}`, at(0))
    assert.equal(tally.look('0', at(0)).exceeded, false)
    assert.equal(tally.look('1', at(0)).exceeded, true)
  })
})

describe('a client that calls too often', () => {
  let site: ApiSite
  before(async () => {
    const few = { times: 3, window: minute }
    site = await openApiSite({ limits: { ...noLimits, calls: few, requests: { ...few, times: 5 }, sourceFailures: { ...few, times: 2 } } })
  })
  after(() => site.close())

  it('is put off until its window ends, and others are not', async () => {
    const [token, other] = [await site.token(), await site.token()]
    const call = (as: string) => site.send('GET', '/api/v1/accounts', { token: as })
    for (const left of ['2', '1', '0']) assert.equal((await call(token)).headers['ratelimit-remaining'], left)
    const answer = await call(token)
    assert.deepEqual([answer.status, answer.json.status, answer.headers['retry-after']], [429, 'ERROR', '60'])
    assert.equal((await call(other)).status, 200)
    site.clock.advance(minute)
    assert.equal((await call(token)).status, 200)
  })

  it('is put off when it tries tokens, whatever it shows next', async () => {
    site.clock.advance(minute)
    for (let time = 0; time < 2; time++) assert.equal((await site.send('GET', '/api/v1/accounts', { token: 'wrong' })).status, 401)
    const right = await site.send('GET', '/api/v1/accounts', { token: await site.token() })
    assert.deepEqual([right.status, right.headers['retry-after']], [429, '60'])
    site.clock.advance(minute)
  })

  it('is put off when it asks for tokens without end, in the words of RFC 6749', async () => {
    site.clock.advance(minute)
    for (let time = 0; time < 5; time++) assert.equal((await site.send('POST', '/oauth/token', { json: {} })).status, 401)
    const { status, json, headers } = await site.send('POST', '/oauth/token', { json: {} })
    assert.deepEqual([status, json.error, headers['retry-after']], [429, 'invalid_request', '60'])
  })
})
