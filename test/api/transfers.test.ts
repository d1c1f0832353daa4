import assert from 'node:assert/strict'
import { listAuthorizations } from '../../src/storage/authorizations.ts'
import { insertLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { type ApiSite, openApiSite } from '../support/apiSite.ts'
import { insertLots, type TestLots } from '../support/lots.ts'
import { standProduct, useLicenses } from '../support/upstream.ts'

describe('transfers by the API', () => {
  let site: ApiSite
  let token: string
  let lots: TestLots<'routing' | 'switching'>
  let branch: number
  before(async () => {
    site = await openApiSite()
    token = await site.token()
    lots = await insertLots(site.context, site.home, { routing: 3, switching: 5 })
    const place = { localAccountId: site.home.account.id, name: 'Branch', createdAt: site.clock.now() }
    branch = (await insertLocalVirtualAccount(site.context.storage.db, place)).id
  })
  after(() => site.close())

  const standing = async (place: number, tagId: number) =>
    (await listAuthorizations(site.context.storage.db, site.home.account.id, place)).find(row => row.tagId === tagId)
  const transfer = (licenses: object[], from = 'Default') =>
    site.send('POST', `${site.base}/virtual-accounts/${from}/licenses/transfer`, { token, json: { licenses } })
  const move = (productInstances: string[], targetVirtualAccount: string, from = 'Default') =>
    site.send('POST', `${site.base}/virtual-accounts/${from}/devices/transfer`, { token, json: { productInstances, targetVirtualAccount } })

  it('moves licenses by name or tag, and says what became of each', async () => {
    const { status, json } = await transfer([
      { license: 'routing', licenseType: 'Perpetual', quantity: 2, targetVirtualAccount: 'Branch', precedence: 'LONGEST_TERM_FIRST' },
      { license: lots.tags.switching, quantity: '1', targetVirtualAccount: String(branch) },
      { license: 'routing', quantity: 2, targetVirtualAccount: 'Branch' },
      { license: 'nothing', quantity: 1, targetVirtualAccount: 'Branch' },
      { license: 'routing', quantity: 1, targetVirtualAccount: 'Nowhere' },
    ])
    assert.equal(status, 207)
    assert.deepEqual(
      json.transferLicensesStatus.map((each: { status: string }) => each.status),
      ['SUCCESS', 'SUCCESS', 'ERROR', 'ERROR', 'ERROR'],
    )
    assert.match(json.transferLicensesStatus[2].statusMessage, /Only 1 can be transferred from there, and not 2/)
    assert.equal((await standing(branch, lots.ids.routing))!.purchased, 2)
    assert.equal((await standing(site.home.place.id, lots.ids.routing))!.purchased, 1)
  })

  it('moves product instances with what they use', async () => {
    const id = await standProduct(site, site.home.account)
    await useLicenses(site, site.home.account, id, { [lots.tags.routing]: 2 })
    assert.equal((await standing(site.home.place.id, lots.ids.routing))!.balance, -1)
    const { status, json } = await move([id], 'Branch')
    assert.deepEqual([status, json.transferProductInstancesStatus[0].status], [200, 'SUCCESS'])
    assert.equal((await standing(site.home.place.id, lots.ids.routing))!.inUse, 0)
    assert.deepEqual((await standing(branch, lots.ids.routing))!.inUse, 2)
    assert.equal((await move([id], 'Branch')).status, 404, 'it is not there any more')
    await useLicenses(site, site.home.account, id, { [lots.tags.routing]: 1 })
    assert.equal((await standing(branch, lots.ids.routing))!.inUse, 1)
    await move([id], 'Default', 'Branch')
  })

  it('deletes a Local Virtual Account when it is empty', async () => {
    const path = `${site.base}/virtual-accounts/Branch`
    const full = await site.send('DELETE', path, { token })
    assert.equal(full.status, 409)
    assert.match(full.json.statusMessage, /still holds 3 licenses/)
    await transfer(
      [
        { license: 'routing', quantity: 2, targetVirtualAccount: 'Default' },
        { license: 'switching', quantity: 1, targetVirtualAccount: 'Default' },
      ],
      'Branch',
    )
    assert.equal((await site.send('DELETE', path, { token })).status, 200)
    assert.equal((await site.send('DELETE', path, { token })).status, 404)
    assert.equal((await site.send('DELETE', `${site.base}/virtual-accounts/Default`, { token })).status, 409)
  })

  it('is refused what is no transfer', async () => {
    const good = { license: 'routing', quantity: 1, targetVirtualAccount: 'Default' }
    const wrong = [{ ...good, quantity: 0 }, { ...good, quantity: 1.5 }, { ...good, licenseType: 'LEASE' }, { quantity: 1 }, null]
    for (const each of wrong) assert.equal((await transfer([each as object])).status, 400, JSON.stringify(each))
    assert.equal((await transfer([])).status, 400)
    assert.equal((await transfer([good])).status, 400, 'from a place to itself')
  })
})
