import assert from 'node:assert/strict'
import fc from 'fast-check'
import { listColumns, listNames, usualPreferences, withColumns, withFilter, withoutFilter } from '../../src/rules/preferences.ts'
import { paths } from '../../src/web/paths.ts'
import { closeBrowser, openWindowOf } from '../support/browser.ts'
import type { HttpVisitor } from '../support/httpVisitor.ts'
import { openRail, type Rail } from '../support/rail.ts'

const { licensing } = paths

describe('preferences', function () {
  this.timeout(60_000)
  let rail: Rail
  let sam: HttpVisitor
  let uuid: string
  before(async () => {
    rail = await openRail(120)
    uuid = rail.fleet.uuid
    sam = await rail.signedIn('Sam')
    await sam.get(licensing.overview(uuid))
  })
  after(async () => {
    await closeBrowser()
    await rail.close()
  })

  const usual = { theme: 'system', zone: '', dates: '', rows: '50', landing: 'overview' }
  const choose = (given: Partial<typeof usual>, who = sam) => who.submit(paths.preferences, paths.preferences, { ...usual, ...given })
  const rowsOf = (text: string) => text.match(/<tr class="pf-v6-c-table__tr" id=/g)?.length ?? 0
  const post = (path: string, next: string, fields: [string, string][]) =>
    sam.token(paths.preferences).then(token => {
      const body = Buffer.from(new URLSearchParams([['_token', token], ['next', next], ...fields]).toString())
      return sam.send('POST', path, { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    })

  it('are kept: where one begins, how many rows a page has, how times are told, and the theme', async () => {
    assert.equal((await choose({ rows: '20', landing: 'licenses', zone: 'asia/tokyo', dates: 'sv', theme: 'dark' })).status, 303)
    assert.equal((await sam.get(paths.home)).headers.location, licensing.licenses(uuid))
    const { text } = await sam.get(licensing.productInstances(uuid))
    assert.equal(rowsOf(text), 20)
    assert.match(text, /data-theme="dark" data-zone="Asia\/Tokyo" data-dates="sv" class="pf-v6-theme-dark"/)
    assert.equal(rowsOf((await sam.get(`${licensing.productInstances(uuid)}?rows=50`)).text), 50, 'an address says it for itself')
    assert.equal(rowsOf((await (await rail.signedIn('Sofia')).get(licensing.productInstances(uuid))).text), 50, 'they are one’s own')
  })

  it('are refused where they are none, and what was stays', async () => {
    for (const [given, field] of [
      [{ zone: 'Middle/Earth' }, 'zone'],
      [{ dates: 'xx' }, 'dates'],
      [{ rows: '7' }, 'rows'],
      [{ landing: 'elsewhere' }, 'landing'],
    ] as const) {
      const answer = await choose(given)
      assert.equal(answer.status, 422)
      assert.match(answer.text, new RegExp(`id="${field}"[^>]*aria-invalid="true"`))
    }
    assert.match((await sam.get(paths.preferences)).text, /id="zone"[^>]*value="Asia\/Tokyo"/)
  })

  it('have a browser tell times in the zone and as they are chosen', async () => {
    await choose({ zone: 'Asia/Tokyo', dates: 'sv' }, await rail.signedIn('Ada'))
    const { page } = await openWindowOf(rail, 'Ada', { zone: 'America/Lima' })
    await page.goto(licensing.events(uuid))
    await page.goto(licensing.productInstances(uuid))
    const time = page.locator('time[data-form=moment]').first()
    const at = (await time.getAttribute('datetime'))!
    const there = new Date(new Date(at).getTime() + 9 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')
    assert.equal(await time.innerText(), there)
  })

  it('hide and show the columns of a list, and nothing of its file', async () => {
    const list = licensing.licenses(uuid)
    const shown = listColumns.licenses.map(([name]) => name).filter(name => name !== 'billing' && name !== 'substitution')
    const answer = await post(paths.columns, `${list}?short=on`, [
      ['list', 'licenses'],
      ...shown.map(name => ['column', name] as [string, string]),
    ])
    assert.equal(answer.headers.location, `${list}?short=on`)
    const { text } = await sam.get(list)
    assert.doesNotMatch(text, /data-label="(Billing|Substitution)"/)
    assert.match(text, /data-label="Purchased"/)
    assert.match((await sam.get(`${list}.csv`)).text, /Billing/)
    await post(paths.columns, list, [['list', 'licenses'], ...listColumns.licenses.map(([name]) => ['column', name] as [string, string])])
    assert.match((await sam.get(list)).text, /data-label="Billing"[\s\S]*data-label="Substitution"/)
    for (const name of listNames) await post(paths.columns, list, [['list', name]])
    for (const page of [licensing.productInstances(uuid), licensing.events(uuid), licensing.tokens(uuid)])
      assert.equal((await sam.get(page)).status, 200)
    const bare = (await sam.get(licensing.productInstances(uuid))).text
    assert.match(bare, /data-label="Name"/)
    assert.doesNotMatch(bare, /data-label="(State|Licenses|Last contact|Product type|Local Virtual Account)"/)
  })

  it('save a filter of a list under a name, without the place in it, and forget it', async () => {
    const list = licensing.productInstances(uuid)
    await post(paths.savedFilters, `${list}?search=ap&state=REGISTERED&rows=20&after=xyz`, [
      ['list', 'product-instances'],
      ['name', 'Access <points>'],
    ])
    const { text } = await sam.get(list)
    assert.match(text, new RegExp(`<a href="${list}\\?search=ap&amp;state=REGISTERED">Access &lt;points&gt;</a>`))
    assert.doesNotMatch((await sam.get(licensing.licenses(uuid))).text, /Access &lt;points&gt;/)
    await post(paths.savedFilters, list, [
      ['list', 'product-instances'],
      ['name', 'Nothing'],
    ])
    assert.match((await sam.get(list)).text, /Filter the list first, then save the filter/)
    await post(paths.savedFilterRemoval, list, [
      ['list', 'product-instances'],
      ['name', 'Access <points>'],
    ])
    assert.doesNotMatch((await sam.get(list)).text, /Access &lt;points&gt;/)
  })

  it('lead nowhere else: what comes back is a page of this site', async () => {
    const answer = await post(paths.columns, 'https://elsewhere.example/', [['list', 'licenses']])
    assert.equal(answer.headers.location, paths.home)
    assert.equal((await post(paths.columns, '/', [['list', 'users']])).status, 400)
  })
})

describe('the rules of preferences', () => {
  const names = fc.constantFrom('a', 'b', 'c', ' a ')
  const filter = fc.record({
    account: fc.constantFrom('x', 'y'),
    list: fc.constantFrom(...listNames),
    name: names,
    query: fc.constant('search=ap'),
  })

  it('keep one filter of a name in a list, whatever is saved and forgotten', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), filter), { maxLength: 30 }), deeds => {
        const after = deeds.reduce((now, [saves, one]) => (saves ? withFilter(now, one) : withoutFilter(now, one)), usualPreferences)
        const keys = after.filters.map(one => `${one.account} ${one.list} ${one.name}`)
        assert.equal(new Set(keys).size, keys.length)
      }),
    )
  })

  it('hide what is not ticked, of one list, and nothing that is no column', () => {
    fc.assert(
      fc.property(fc.constantFrom(...listNames), fc.array(fc.string()), (list, ticked) => {
        const all = listColumns[list].map(([name]) => name as string)
        const { hidden } = withColumns(usualPreferences, list, ticked)
        assert.deepEqual(
          hidden[list],
          all.filter(name => !ticked.includes(name)),
        )
        assert.deepEqual(Object.keys(hidden), [list])
      }),
    )
  })
})
