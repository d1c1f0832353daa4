import assert from 'node:assert/strict'
import { addUser } from '../../src/administration/addUser.ts'
import { disableUser } from '../../src/administration/disableUser.ts'
import { minute } from '../../src/rules/clock.ts'
import { paths } from '../../src/web/paths.ts'
import { administrator } from '../support/account.ts'
import { castPassword } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

describe('signing in', () => {
  let site: Site
  let number = 0
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())

  /** Somebody new, so that one test's failures lock nobody of another's. */
  async function somebody(mustChangePassword = false): Promise<string> {
    const username = `guest${++number}`
    await addUser(site.context, administrator, { username, password: castPassword, mustChangePassword })
    return username
  }

  it('opens the pages to somebody who knows the password', async () => {
    const ada = await site.signedIn('Ada')
    const page = await ada.get('/admin')
    assert.equal(page.status, 200)
    assert.match(page.text, /<h1[^>]*>Overview<\/h1>/)
  })

  it('says one thing to a wrong password, an unknown user, a disabled one and a locked one', async () => {
    const [wrong, disabled, locked] = [await somebody(), await somebody(), await somebody()]
    await disableUser(site.context, administrator, disabled)
    for (let i = 0; i < 3; i++) await site.visitor().signIn(locked, 'not the password')
    const answers = [
      await site.visitor().signIn(wrong, 'not the password'),
      await site.visitor().signIn('nobody at all', castPassword),
      await site.visitor().signIn(disabled, castPassword),
      await site.visitor().signIn(locked, castPassword),
    ]
    const sentence = 'The user name or the password is not right. After 3 failures a user is locked for 15 minutes.'
    for (const { status, text } of answers) {
      assert.equal(status, 422)
      assert.ok(text.includes(sentence))
      assert.ok(!text.includes('value="not the password"') && !text.includes(castPassword), 'a password is not sent back')
    }
  })

  it('locks after three failures for fifteen minutes, and not longer', async () => {
    const name = await somebody()
    const visitor = site.visitor()
    for (let i = 0; i < 3; i++) await visitor.signIn(name, 'not the password')
    assert.equal((await visitor.signIn(name, castPassword)).status, 422)
    site.clock.advance(15 * minute)
    assert.equal((await visitor.signIn(name, castPassword)).status, 303)
  })

  it('answers no more than three of many guesses made at once, not even the right one among them', async () => {
    const name = await somebody()
    const guesses = [...Array.from({ length: 10 }, (_, i) => `guess number ${i}`), castPassword]
    await Promise.all(guesses.slice(0, 10).map(guess => site.visitor().signIn(name, guess)))
    assert.equal((await site.visitor().signIn(name, castPassword)).status, 422)
    const { rows } = await site.context.storage.db.raw('select failures_since_sign_in as count from users where username = ?', [name])
    assert.equal(rows[0].count, 11)
  })

  it('tells of the last sign-in and of the failures since', async () => {
    const name = await somebody()
    await site.visitor().signIn(name, castPassword)
    await site.visitor().signIn(name, 'not the password')
    const visitor = site.visitor()
    await visitor.signIn(name, castPassword)
    const page = await visitor.get('/')
    assert.match(page.text, /Your last sign-in was on 1 March 2026/)
    assert.match(page.text, /1 failed since/)
    assert.doesNotMatch((await visitor.get('/')).text, /Your last sign-in/, 'it is told once')
  })

  it('gives a cookie that only this host gets back, that no script reads and no other site sends', async () => {
    const name = await somebody()
    const answer = await site.visitor().signIn(name, castPassword)
    const cookie = ([] as string[]).concat(answer.headers['set-cookie'] ?? []).find(line => line.startsWith('__Host-session='))
    assert.match(cookie ?? '', /^__Host-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/)
  })

  it('keeps only a hash of the identifier', async () => {
    const name = await somebody()
    const visitor = site.visitor()
    await visitor.signIn(name, castPassword)
    const id = visitor.cookies.get('__Host-session')!
    const { rows } = await site.context.storage.db.raw("select encode(id_hash, 'escape') as hash from sessions")
    assert.ok(rows.every((row: { hash: string }) => !row.hash.includes(id)))
  })

  it('takes no identifier that the browser brings along', async () => {
    const name = await somebody()
    const visitor = site.visitor()
    visitor.cookies.set('__Host-session', 'planted-by-somebody-else')
    await visitor.signIn(name, castPassword)
    assert.notEqual(visitor.cookies.get('__Host-session'), 'planted-by-somebody-else')
    const thief = site.visitor()
    thief.cookies.set('__Host-session', 'planted-by-somebody-else')
    assert.equal((await thief.get('/')).headers.location, '/sign-in')
  })

  it('gives a new identifier each time, and ends the session that it replaces', async () => {
    const name = await somebody()
    const visitor = site.visitor()
    await visitor.signIn(name, castPassword)
    const former = visitor.cookies.get('__Host-session')!
    const token = await visitor.token('/')
    await visitor.send('POST', '/sign-in', { form: { _token: token, username: name, password: castPassword } })
    assert.notEqual(visitor.cookies.get('__Host-session'), former)
    const thief = site.visitor()
    thief.cookies.set('__Host-session', former)
    assert.equal((await thief.get('/')).headers.location, '/sign-in')
  })

  it('leads on to the page that was wanted', async () => {
    const ada = await site.signedIn('Ada')
    const wanted = await site.visitor().get('/admin/accounts?search=lab')
    assert.equal(wanted.headers.location, '/sign-in?next=%2Fadmin%2Faccounts%3Fsearch%3Dlab')
    const again = await ada.get(wanted.headers.location!)
    assert.equal(again.headers.location, '/admin/accounts?search=lab')
  })

  for (const elsewhere of [
    'https://elsewhere.example/',
    '//elsewhere.example/',
    '/\\elsewhere.example',
    '/\t/elsewhere.example',
    'javascript:alert(1)',
    '/sign-in',
    '',
  ]) {
    it(`leads nowhere else than to this site: ${JSON.stringify(elsewhere)}`, async () => {
      const name = await somebody()
      assert.equal((await site.visitor().signIn(name, castPassword, elsewhere)).headers.location, '/')
    })
  }

  it('lets somebody with a password of somebody else do nothing but change it', async () => {
    const name = await somebody(true)
    const visitor = site.visitor()
    assert.equal((await visitor.signIn(name, castPassword)).headers.location, '/password')
    for (const page of ['/admin', paths.home, paths.accountPicker, paths.preferences])
      assert.equal((await visitor.get(page)).headers.location, '/password', page)
    const short = await visitor.submit('/password', '/password', { former: castPassword, password: 'short', repeated: 'short' })
    assert.equal(short.status, 422)
    assert.match(short.text, /Use at least 12 characters/)
    const next = 'seven green bottles standing'
    const other = await visitor.submit('/password', '/password', { former: castPassword, password: next, repeated: 'another' })
    assert.match(other.text, /The two are not the same/)
    const done = await visitor.submit('/password', '/password', { former: castPassword, password: next, repeated: next })
    assert.equal(done.headers.location, '/')
    assert.match((await visitor.get('/')).text, /Your password was changed/)
    assert.equal((await site.visitor().signIn(name, castPassword)).status, 422)
    assert.equal((await site.visitor().signIn(name, next)).status, 303)
  })

  it('ends every other session when the password changes', async () => {
    const name = await somebody()
    const [here, there] = [site.visitor(), site.visitor()]
    await here.signIn(name, castPassword)
    await there.signIn(name, castPassword)
    const next = 'seven green bottles standing'
    await here.submit('/password', '/password', { former: castPassword, password: next, repeated: next })
    assert.equal((await here.get('/')).status, 200)
    assert.equal((await there.get('/')).headers.location, '/sign-in')
  })

  it('does not let an unattended browser guess the present password', async () => {
    const name = await somebody()
    const visitor = site.visitor()
    await visitor.signIn(name, castPassword)
    const form = { password: 'seven green bottles', repeated: 'seven green bottles' }
    for (let i = 0; i < 3; i++) await visitor.submit('/password', '/password', { former: `guess number ${i}`, ...form })
    const right = await visitor.submit('/password', '/password', { former: castPassword, ...form })
    assert.equal(right.status, 422)
  })

  it('ends with a sign-out, in the database too', async () => {
    const name = await somebody()
    const visitor = site.visitor()
    await visitor.signIn(name, castPassword)
    const id = visitor.cookies.get('__Host-session')!
    const answer = await visitor.submit('/', '/sign-out', {})
    assert.equal(answer.headers.location, '/sign-in')
    const thief = site.visitor()
    thief.cookies.set('__Host-session', id)
    assert.equal((await thief.get('/')).headers.location, '/sign-in')
  })

  it('leaves a line of who came, who was refused, and from where', async () => {
    const name = await somebody()
    await site.visitor().signIn(name, 'not the password')
    await site.visitor().signIn(name, castPassword)
    const { rows } = await site.context.storage.db.raw('select kind, source from events where who = ? order by id', [name])
    assert.deepEqual(
      rows.map((row: { kind: string }) => row.kind),
      ['sign-in refused', 'signed in'],
    )
    assert.match(rows[0].source, /127\.0\.0\.1/)
  })

  it('writes no password and no identifier into the log', () => {
    const log = site.context.logged.join('\n')
    assert.ok(!log.includes(castPassword) && !log.includes('seven green bottles'))
  })
})
