import assert from 'node:assert/strict'
import { listAuthorizations } from '../../src/storage/authorizations.ts'
import { insertLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { findTombstone } from '../../src/storage/tombstones.ts'
import { type ApiSite, openApiSite } from '../support/apiSite.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import { standProduct, useLicenses } from '../support/upstream.ts'

describe('removing product instances by the API', () => {
  let site: ApiSite
  let token: string
  let lots: TestLots<'routing'>
  before(async () => {
    site = await openApiSite()
    token = await site.token()
    lots = await insertLots(site.context, site.home, { routing: 3 })
    await insertLocalVirtualAccount(site.context.storage.db, {
      localAccountId: site.home.account.id,
      name: 'Neighbour',
      createdAt: site.clock.now(),
    })
  })
  after(() => site.close())

  const standing = async () => (await listAuthorizations(site.context.storage.db, site.home.account.id, site.home.place.id))[0]!
  const remove = (productInstances: unknown, place = 'Default') =>
    site.send('POST', `${site.base}/virtual-accounts/${place}/devices/remove`, { token, json: { productInstances } })
  async function stand(quantity: number): Promise<string> {
    const id = await standProduct(site, site.home.account)
    await useLicenses(site, site.home.account, id, { [lots.tags.routing]: quantity })
    return id
  }

  it('frees their licenses at once, and heals the compliance of those that stay', async () => {
    const [one, other] = [await stand(2), await stand(2)]
    assert.equal((await standing()).balance, -1)
    const { status, json } = await remove([one])
    assert.deepEqual([status, json.removeProductInstancesStatus[0].status], [200, 'SUCCESS'])
    assert.deepEqual([(await standing()).inUse, (await standing()).outOfComplianceSince], [2, null])
    const alerts = await site.send('POST', `${site.base}/alerts`, { token })
    assert.equal(alerts.json.totalRecords, 0)
    const left = await site.send('POST', `${site.base}/devices`, { token })
    assert.deepEqual(
      left.json.devices.map((each: { productInstanceId: string }) => each.productInstanceId),
      [other],
    )
    const tombstone = await findTombstone(site.context.storage.db, site.home.account.id, one)
    assert.equal(tombstone?.removedBy, 'a script')
    await remove([other])
  })

  it('touches none of another Local Virtual Account, and says which it does not know', async () => {
    const id = await stand(1)
    const elsewhere = await remove([id], 'Neighbour')
    assert.deepEqual([elsewhere.status, elsewhere.json.status], [404, 'ERROR'])
    assert.equal((await standing()).inUse, 1)
    const some = await remove([id, '01890000-0000-8000-8000-000000000000', 'x'])
    assert.equal(some.status, 207)
    assert.deepEqual(
      some.json.removeProductInstancesStatus.map((each: { status: string }) => each.status),
      ['SUCCESS', 'ERROR', 'ERROR'],
    )
    assert.equal((await standing()).inUse, 0)
  })

  it('is refused what is no list of identifiers', async () => {
    for (const wrong of [undefined, [], 'x', [null], [{ id: 'x' }], Array(1001).fill('x')]) assert.equal((await remove(wrong)).status, 400)
  })
})
