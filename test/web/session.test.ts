import assert from 'node:assert/strict'
import { assignRole } from '../../src/administration/assignRole.ts'
import { disableUser } from '../../src/administration/disableUser.ts'
import { minute, second } from '../../src/rules/clock.ts'
import { forgetNotice, updateSession } from '../../src/storage/sessions.ts'
import { administrator } from '../support/account.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { openSite, type Site } from '../support/site.ts'

describe('a session', () => {
  let site: Site
  beforeEach(async () => {
    site = await openSite()
  })
  afterEach(() => site.close())

  const isIn = async (visitor: HttpVisitor) => (await visitor.get('/password')).status === 200

  it('ends after ten minutes without a request', async () => {
    const ada = await site.signedIn('Ada')
    site.clock.advance(10 * minute - second)
    assert.ok(await isIn(ada))
    site.clock.advance(10 * minute - second)
    assert.ok(await isIn(ada), 'the request before kept it open')
    site.clock.advance(10 * minute)
    assert.ok(!(await isIn(ada)))
  })

  it('gives a System Operator fifteen minutes', async () => {
    const otto = await site.signedIn('Otto')
    site.clock.advance(15 * minute - second)
    assert.ok(await isIn(otto))
    site.clock.advance(15 * minute)
    assert.ok(!(await isIn(otto)))
  })

  it('ends after eight hours, however busy it is', async () => {
    const ada = await site.signedIn('Ada')
    for (let minutes = 9; minutes < 8 * 60; minutes += 9) {
      site.clock.advance(9 * minute)
      assert.ok(await isIn(ada), `after ${minutes} minutes`)
    }
    site.clock.advance(9 * minute)
    assert.ok(!(await isIn(ada)), 'the eight hours are over')
  })

  it('is not kept open by a page that asks by itself', async () => {
    const ada = await site.signedIn('Ada')
    for (let minutes = 1; minutes < 10; minutes++) {
      site.clock.advance(minute)
      assert.equal((await ada.fragment('/admin', { 'X-Unattended': '1' })).status, 200)
    }
    site.clock.advance(minute)
    const asked = await ada.fragment('/admin', { 'X-Unattended': '1' })
    assert.equal(asked.status, 401)
    assert.equal(asked.headers['hx-redirect'], '/sign-in?next=%2Fadmin')
  })

  it('is written to at most once a minute', async () => {
    const ada = await site.signedIn('Ada')
    const seen = async () => (await site.context.storage.db.raw('select seen_at from sessions')).rows[0].seen_at as Date
    const first = await seen()
    site.clock.advance(minute - second)
    await ada.get('/admin')
    assert.deepEqual(await seen(), first)
    site.clock.advance(second)
    await ada.get('/admin')
    assert.deepEqual(await seen(), site.clock.now())
  })

  it('ends when its user is disabled, and when their rights change', async () => {
    const [sofia, sam] = [await site.signedIn('Sofia'), await site.signedIn('Sam')]
    await disableUser(site.context, administrator, 'sofia')
    await assignRole(site.context, administrator, 'sam', { role: 'system-operator' })
    assert.ok(!(await isIn(sofia)))
    assert.ok(!(await isIn(sam)))
  })

  it('is one of ten at most: the eleventh sends away the one seen longest ago, and never itself', async () => {
    const first = await site.signedIn('Ada')
    for (let i = 0; i < 10; i++) {
      if (i === 0) site.clock.advance(second)
      assert.ok(await isIn(await site.signedIn('Ada')))
    }
    assert.ok(!(await isIn(first)))
    const { rows } = await site.context.storage.db.raw('select count(*) from sessions')
    assert.equal(rows[0].count, 10)
  })

  it('lasts from one server to the next: nothing of it is in memory', async () => {
    const ada = await site.signedIn('Ada')
    await site.reopen()
    const again = site.visitor()
    for (const [name, value] of ada.cookies) again.cookies.set(name, value)
    assert.ok(await isIn(again))
  })

  it('keeps a notice that is left while the one before is told', async () => {
    const ada = await site.signedIn('Ada')
    const { db } = site.context.storage
    const row = await db('sessions').first('id_hash')
    const told = { tone: 'success', words: 'Done.', id: 'first' } as const
    const next = { ...told, id: 'next' }
    await updateSession(db, row.id_hash, { notice: next })
    await forgetNotice(db, row.id_hash, told)
    assert.match((await ada.get('/password')).text, /Done\./)
  })

  it('remembers the Local Account last looked at', async () => {
    const ada = await site.signedIn('Ada')
    await ada.get(`/admin/accounts/${site.home.account.uuid}`)
    const { rows } = await site.context.storage.db.raw('select local_account_id from sessions')
    assert.deepEqual(rows, [{ local_account_id: site.home.account.id }])
  })
})
