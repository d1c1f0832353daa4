import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { paths } from '../../../src/web/paths.ts'
import type { HttpVisitor } from '../../support/httpVisitor.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('pages of the Licensing workspace', () => {
  let rail: Rail
  let sofia: HttpVisitor
  let uuid: string
  let instance: string
  let token: string
  before(async () => {
    rail = await openRail()
    sofia = await rail.signedIn('Sofia')
    uuid = rail.fleet.uuid
    const { db } = rail.context.storage
    const first = async (table: string) =>
      (await db(table).where({ local_account_id: rail.fleet.localAccountId }).orderBy('id', 'desc').first('id')).id
    instance = await first('product_instances')
    token = await first('registration_tokens')
  })
  after(() => rail.close())

  const tag = () => rail.fleet.tags['Network Essentials']!
  const pages: [name: string, path: () => string, mark: string][] = [
    ['the overview', () => licensing.overview(uuid), 'id="overview"'],
    ['licenses', () => licensing.licenses(uuid), 'id="list"'],
    ['one license', () => licensing.license(uuid, tag()), 'id="license"'],
    ['the instances of a license', () => licensing.licenseInstances(uuid, tag()), 'id="list"'],
    ['the history of a license', () => licensing.licenseHistory(uuid, tag()), 'id="history"'],
    ['Local Virtual Accounts', () => licensing.virtualAccounts(uuid), 'id="list"'],
    ['the events of a license', () => licensing.licenseEvents(uuid, tag()), 'id="events"'],
    ['product instances', () => licensing.productInstances(uuid), 'id="list"'],
    ['one product instance', () => licensing.productInstance(uuid, instance), 'id="instance"'],
    ['the removal of one', () => licensing.productInstanceRemoval(uuid, instance), 'Its registration ends'],
    ['registration tokens', () => licensing.tokens(uuid), 'id="list"'],
    ['the revocation of one', () => licensing.tokenRevocation(uuid, token), 'No product can register with it any more'],
    ['the event log', () => licensing.events(uuid), 'id="list"'],
  ]

  for (const [name, path, mark] of pages) {
    it(`are a page and a fragment of it: ${name}`, async () => {
      const [page, fragment] = [await sofia.get(path()), await sofia.fragment(path())]
      assert.deepEqual([page.status, fragment.status], [200, 200])
      assert.match(page.text, /^<!doctype html>/)
      assert.doesNotMatch(fragment.text, /<html|<body|<h1/)
      assert.equal(page.text.match(/<h1/g)?.length, 1)
      assert.match(page.text, /aria-label="Breadcrumb"/)
      for (const { text } of [page, fragment]) assert.ok(text.includes(mark), mark)
    })

    it(`ask again by themselves, and are not sent again while they are the same: ${name}`, async () => {
      const first = await sofia.fragment(path())
      const again = await sofia.fragment(path(), { 'HX-PTag': String(first.headers['hx-ptag']), 'X-Unattended': '1' })
      assert.deepEqual([again.status, again.text], [204, ''])
    })

    it(`are light on the wire: ${name}`, async () => {
      const page = await sofia.get(path(), { 'accept-encoding': 'gzip' })
      assert.equal(page.headers['content-encoding'], 'gzip')
      assert.ok(page.body.length <= 10_000, `${page.body.length} bytes`)
      assert.ok(gzipSync((await sofia.fragment(path())).text).length <= 10_000)
    })

    it(`take at most three queries: ${name}`, async () => {
      const { storage } = rail.context
      let queries = 0
      const count = () => void queries++
      for (const pool of [storage.db, storage.pages]) pool.on('query', count)
      await sofia.fragment(path(), { 'X-Unattended': '1' })
      for (const pool of [storage.db, storage.pages]) pool.off('query', count)
      // Two find the session and the account. In which order instances can be sorted depends on how many there are: that is one more.
      assert.ok(queries <= (name === 'the instances of a license' ? 4 : 3), `${queries} queries`)
    })

    it(`are not there for somebody without a role, nor in another's account: ${name}`, async () => {
      const nora = await rail.signedIn('Nora')
      assert.equal((await nora.get(path())).status, 404)
      assert.equal((await sofia.get(path().replace(uuid, '0197aaaa-0000-7000-8000-00000000ffff'))).status, 404)
    })
  }

  it('lead from the workspace’s start to the account', async () => {
    assert.equal((await sofia.get('/')).headers.location, licensing.overview(uuid))
  })

  it('take any nonsense in an address for nothing asked', async () => {
    const nonsense = '?search=%00&place=abc&rows=7&after=@@@&before=W10&order=up&sort=secret&state=GONE&kind=none&short=1'
    for (const list of ['licenses', 'productInstances', 'tokens', 'events'] as const) {
      const { status, text } = await sofia.get(licensing[list](uuid) + nonsense)
      assert.equal(status, 200, list)
      assert.match(text, /<tbody/, list)
    }
    for (const id of ['0', '-1', '99999999999', 'abc', "1'--"])
      assert.equal((await sofia.get(licensing.license(uuid, encodeURIComponent(id)))).status, 404)
    assert.equal((await sofia.get(licensing.productInstance(uuid, 'abc'))).status, 404)
  })

  it('escape what products call themselves', async () => {
    await rail.context.storage.db('product_instances').where({ id: instance }).update({ name: '<img src=x onerror=alert(1)>' })
    for (const path of [
      licensing.productInstance(uuid, instance),
      licensing.productInstances(uuid),
      licensing.productInstanceRemoval(uuid, instance),
    ]) {
      const { text } = await sofia.get(path)
      assert.ok(text.includes('&lt;img src=x onerror=alert(1)&gt;'), path)
      assert.ok(!text.includes('<img src=x'), path)
    }
  })
})
