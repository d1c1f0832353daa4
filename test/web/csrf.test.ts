import assert from 'node:assert/strict'
import fc from 'fast-check'
import { maskToken, tokenMatches } from '../../src/web/csrf.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { castPassword } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

describe('a form sent by another site', () => {
  let site: Site
  let ada: HttpVisitor
  let token: string
  before(async () => {
    site = await openSite()
    ada = await site.signedIn('Ada')
    token = await ada.token('/admin/accounts')
  })
  after(() => site.close())

  const theme = async () => (await site.context.storage.db('users').where({ username: 'ada' }).first('theme')).theme
  const change = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    ada.send('POST', '/theme', { form: { theme: 'dark', ...form }, headers })

  async function assertNothingChanged(answer: { status: number; text: string }) {
    assert.equal(answer.status, 403)
    assert.match(answer.text, /nothing was changed/)
    assert.equal(await theme(), 'system')
  }

  it('changes nothing without a token', async () => assertNothingChanged(await change({})))
  it('changes nothing with a token of nobody', async () => assertNothingChanged(await change({ _token: maskToken('A'.repeat(43)) })))
  it('changes nothing with an empty token', async () => assertNothingChanged(await change({ _token: '' })))
  it('changes nothing with half a token', async () => assertNothingChanged(await change({ _token: token.slice(0, 43) })))

  it('changes nothing with a token of somebody else', async () => {
    const otto = await site.signedIn('Otto')
    await assertNothingChanged(await change({ _token: await otto.token('/admin/accounts') }))
  })

  it('changes nothing from another origin, even with the right token', async () => {
    await assertNothingChanged(await change({ _token: token }, { Origin: 'https://elsewhere.example' }))
    await assertNothingChanged(await change({ _token: token }, { 'Sec-Fetch-Site': 'cross-site' }))
    await assertNothingChanged(await change({ _token: token }, { 'Sec-Fetch-Site': 'same-site', Origin: 'null' }))
  })

  it('signs nobody in', async () => {
    const answer = await site.visitor().send('POST', '/sign-in', { form: { username: 'ada', password: castPassword } })
    assert.equal(answer.status, 403)
  })

  it('is told apart from our own, which passes by field and by header', async () => {
    const here = { Origin: `https://localhost:${site.port}`, 'Sec-Fetch-Site': 'same-origin' }
    assert.equal((await change({ _token: token }, here)).status, 303)
    assert.equal(await theme(), 'dark')
    assert.equal((await change({ theme: 'light' }, { 'X-Form-Token': token, 'Sec-Fetch-Site': 'same-origin', Origin: 'null' })).status, 303)
    assert.equal(await theme(), 'light')
  })
})

describe('a form token', () => {
  const secret = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes).toString('base64url'))

  it('is new in every answer and always matches its secret', () => {
    fc.assert(
      fc.property(secret, text => {
        const [one, other] = [maskToken(text), maskToken(text)]
        assert.notEqual(one, other)
        assert.ok(tokenMatches(one, text) && tokenMatches(other, text))
      }),
    )
  })

  it('matches no other secret, and garbage matches none', () => {
    fc.assert(
      fc.property(
        secret,
        secret,
        fc.string(),
        (a, b, text) => void assert.ok(a === b || (!tokenMatches(maskToken(a), b) && !tokenMatches(text, b))),
      ),
    )
  })
})
