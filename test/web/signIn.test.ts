import assert from 'node:assert/strict'
import { castPassword } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

describe('signing in', () => {
  let site: Site
  before(async () => {
    site = await openSite()
  })
  after(() => site.close())

  it('lets a System Administrator in with the right password', async () => {
    const ada = await site.signedIn('Ada')
    const page = await ada.get('/admin')
    assert.equal(page.status, 200)
    assert.match(page.text, /<h1[^>]*>Overview<\/h1>/)
  })

  it('says the same to a wrong password and to an unknown user', async () => {
    await site.signedIn('Sofia')
    const wrong = await site.visitor().signIn('sofia', 'not the password')
    const unknown = await site.visitor().signIn('nobody', castPassword)
    assert.deepEqual([wrong.status, unknown.status], [422, 422])
    for (const { text } of [wrong, unknown]) assert.match(text, /The user name or the password is not right/)
  })
})
