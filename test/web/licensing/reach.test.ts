import assert from 'node:assert/strict'
import { paths } from '../../../src/web/paths.ts'
import type { HttpVisitor } from '../../support/httpVisitor.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('somebody with a role in one Local Virtual Account', () => {
  let rail: Rail
  let victor: HttpVisitor
  let uuid: string
  before(async () => {
    rail = await openRail()
    victor = await rail.signedIn('Victor')
    uuid = rail.fleet.uuid
  })
  after(() => rail.close())

  /** An instance, or a token, of a place. */
  const oneIn = async (table: string, place: keyof Rail['fleet']['places']): Promise<string> =>
    (await rail.context.storage.db(table).where({ local_virtual_account_id: rail.fleet.places[place] }).first('id')).id

  it('sees the product instances of it and no others, whatever the address says', async () => {
    for (const query of ['', `?place=${rail.fleet.places.Campus}`, '?search=acc']) {
      const { text } = await victor.get(licensing.productInstances(uuid) + query)
      assert.doesNotMatch(text, /Local Virtual Account">(Campus|Branches|Data centre|Laboratory)/)
    }
    assert.match((await victor.get(licensing.productInstances(uuid))).text, /Local Virtual Account">Default/)
  })

  it('sees a product instance of it, and is told of none elsewhere', async () => {
    assert.equal((await victor.get(licensing.productInstance(uuid, await oneIn('product_instances', 'Default')))).status, 200)
    assert.equal((await victor.get(licensing.productInstance(uuid, await oneIn('product_instances', 'Campus')))).status, 404)
  })

  it('cannot remove a product instance elsewhere', async () => {
    const id = await oneIn('product_instances', 'Campus')
    const path = licensing.productInstanceRemoval(uuid, id)
    assert.equal((await victor.get(path)).status, 404)
    assert.ok([403, 404].includes((await victor.submit(licensing.tokens(uuid), path, {})).status))
    assert.ok(await rail.context.storage.db('product_instances').where({ id }).first('id'))
  })

  it('sees sums, lots and standing of it alone', async () => {
    const { text } = await victor.get(licensing.license(uuid, rail.fleet.tags['Wireless Access Point']!))
    assert.match(text, /In compliance/)
    assert.doesNotMatch(text, /Campus|Out of compliance/)
    assert.doesNotMatch((await victor.get(licensing.overview(uuid))).text, /Campus|Branches|Data centre/)
    assert.doesNotMatch((await victor.get(licensing.events(uuid))).text, /Local Virtual Account">(Campus|Branches|Data centre)/)
  })

  it('sees and makes tokens of it alone', async () => {
    const { text } = await victor.get(licensing.tokens(uuid))
    assert.match(text, /First rollout/)
    assert.doesNotMatch(text, /Campus refresh/)
    const form = (place: number) => ({ localVirtualAccount: String(place), description: 'Victor’s', expiresAfterDays: '30', maxUses: '' })
    const make = (place: number) => victor.submit(licensing.newToken(uuid), licensing.tokens(uuid), form(place))
    assert.equal((await make(rail.fleet.places.Campus)).status, 403)
    assert.equal((await make(rail.fleet.places.Default)).status, 303)
  })

  it('neither sees nor revokes a token elsewhere', async () => {
    const id = await oneIn('registration_tokens', 'Campus')
    assert.equal((await victor.get(licensing.tokenSecret(uuid, id))).status, 404)
    assert.equal((await victor.get(licensing.tokenRevocation(uuid, id))).status, 404)
    assert.ok([403, 404].includes((await victor.submit(licensing.tokens(uuid), licensing.tokenRevocation(uuid, id), {})).status))
    assert.equal((await rail.context.storage.db('registration_tokens').where({ id }).first('revoked_at')).revoked_at, null)
  })

  it('gets a file of it alone', async () => {
    const { text } = await victor.get(licensing.productInstancesFile(uuid, 'csv'))
    const lines = text.trim().split('\r\n').slice(1)
    assert.ok(lines.length > 0)
    assert.ok(lines.every(line => line.includes(',Default,')))
  })
})
