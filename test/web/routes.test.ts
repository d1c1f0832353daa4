import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { Act } from '../../src/rules/roles.ts'
import { type Route, wholeAccount } from '../../src/web/route.ts'
import { routes } from '../../src/web/routes.ts'
import { registeredAccount } from '../support/account.ts'
import { accounts, allowed, everybody, servers, withRole } from '../support/allowed.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import type { Member } from '../support/people.ts'
import { openSite, type Site } from '../support/site.ts'

/** The licenses of the account as a whole are not for those who have one Local Virtual Account of it. */
const allowedEverywhere = (act: Act) => (act === 'see account' ? withRole : allowed[act].filter(member => accounts.includes(member)))

const reached = 299
const stub = ({ response }: { response: { status(code: number): { end(): void } } }) => response.status(reached).end()

/** The site map as it is, with nothing behind its rules: whoever gets through is told so, and changes nothing. */
const table = routes.map((route): Route => ({ ...route, handler: stub }) as Route)

describe('the site map', () => {
  let site: Site
  let other: string
  const people = new Map<Member, HttpVisitor>()

  before(async () => {
    // People sign in over the real pages, on the same database.
    const real = await openSite()
    for (const member of everybody) people.set(member, await real.signedIn(member))
    other = (await registeredAccount(real.context, { name: 'Not theirs' })).account.uuid
    for (const person of people.values()) await person.token('/password')
    await real.reopen(table)
    site = real
    for (const person of people.values()) person.here.port = site.port
  })
  after(() => site.close())

  const addressOf = (route: Route, account: string) =>
    route.path.replace(':localAccount', account).replace(/:(\w+)/g, (_, name: string) => (name === 'username' ? 'sofia' : randomUUID()))

  async function ask(person: HttpVisitor, route: Route, account = site.home.account.uuid) {
    const headers = { 'X-Form-Token': person.here.token }
    return person.send(route.method.toUpperCase(), addressOf(route, account), route.method === 'post' ? { form: {}, headers } : {})
  }

  it('has one row for each address, and a rule in each', () => {
    const names = routes.map(({ method, path }) => `${method} ${path}`)
    assert.deepEqual(
      names.filter((name, index) => names.indexOf(name) !== index),
      [],
    )
    assert.ok(routes.every(({ act }) => act === 'anybody' || act in allowed))
    assert.deepEqual(
      routes.filter(({ act }) => act === 'anybody').map(({ method, path }) => `${method} ${path}`),
      [
        'get /sign-in',
        'post /sign-in',
        'get /sign-in/code',
        'post /sign-in/code',
        'get /sign-in/new-password',
        'post /sign-in/new-password',
        'post /sign-in/openid',
        'get /sign-in/openid/return',
      ],
      'whoever opens another page to everybody writes it here too',
    )
  })

  for (const route of routes.filter(({ act }) => act !== 'anybody')) {
    const act = route.act as Act | 'oneself'
    const ofAnInstance = route.kind === 'account' && route.where !== wholeAccount && route.where.name !== 'somewhereInAccount'
    const whole = route.kind === 'account' && route.where === wholeAccount
    const may = whole && act !== 'oneself' ? allowedEverywhere(act) : allowed[act]

    it(`${route.method} ${route.path} sends nobody to the sign-in`, async () => {
      const answer = await ask(site.visitor(), route)
      assert.equal(answer.status, 303)
      assert.match(String(answer.headers.location), /^\/sign-in/)
    })

    it(`${route.method} ${route.path} (${act}) is for ${may.join(', ') || 'nobody'}`, async () => {
      for (const member of everybody) {
        const { status } = await ask(people.get(member)!, route)
        // An identifier that nobody has is found by nobody; the page's own tests try it with one that is there.
        if (may.includes(member)) assert.ok(status === reached || (ofAnInstance && status === 404), `${member} may: ${status}`)
        else assert.ok(status === 403 || status === 404, `${member} may not: ${status}`)
      }
    })

    if (route.kind === 'account') {
      it(`${route.method} ${route.path} of another's account is the same as of none`, async () => {
        for (const member of everybody.filter(one => !servers.includes(one))) {
          const theirs = await ask(people.get(member)!, route, other)
          const none = await ask(people.get(member)!, route, randomUUID())
          assert.deepEqual([theirs.status, none.status], [404, 404], member)
          assert.equal(withoutFreshParts(theirs.text), withoutFreshParts(none.text))
        }
      })
    }
  }

  it('has nothing outside its rows', async () => {
    for (const path of [
      '/nowhere',
      '/admin/nowhere',
      '/ADMIN',
      '/admin/accounts/../../etc/passwd',
      '/accounts',
      '/%00',
      '/assets/../package.json',
    ])
      assert.equal((await people.get('Ada')!.get(path)).status, 404, path)
  })
})

const withoutFreshParts = (text: string) =>
  text.replaceAll(/nonce="[^"]+"/g, '').replaceAll(/value="[\w-]{86}"|"X-Form-Token":"[^"]+"/g, '')
