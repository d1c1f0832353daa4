import assert from 'node:assert/strict'
import { day, isoDay, later } from '../../../src/rules/clock.ts'
import { recordUsage } from '../../../src/storage/usageHistory.ts'
import { paths } from '../../../src/web/paths.ts'
import { assertAccessible, closeBrowser, openWindowOf } from '../../support/browser.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('the history of a license', function () {
  this.timeout(120_000)
  let rail: Rail
  let uuid: string
  let tagId: number
  before(async () => {
    rail = await openRail(130)
    uuid = rail.fleet.uuid
    const { Default: here, Campus: there } = rail.fleet.places
    const both = await rail.context.storage.db.raw(
      `select a.tag_id from authorizations a join authorizations b using (tag_id)
       where a.local_virtual_account_id = ? and b.local_virtual_account_id = ? and b.in_use > 0 order by 1 limit 1`,
      [here, there],
    )
    tagId = both.rows[0].tag_id
  })
  after(async () => {
    await closeBrowser()
    await rail.close()
  })

  const db = () => rail.context.storage.db
  /** Use grows day by day, up to what it is today. */
  async function live(days: number) {
    for (let ago = days - 1; ago >= 0; ago--) {
      await rail.context.storage.transaction(tx => recordUsage(tx, isoDay(later(rail.clock.now(), -ago * day))))
      await db()('authorizations').where({ tag_id: tagId, local_virtual_account_id: rail.fleet.places.Campus }).increment('in_use', 1)
    }
  }

  it('is empty at first, and says when that changes', async () => {
    const sam = await rail.signedIn('Sam')
    assert.match((await sam.get(licensing.licenseHistory(uuid, tagId))).text, /From the second day on/)
    assert.match((await sam.get(licensing.overview(uuid))).text, /From the second day on/)
  })

  it('draws what was in use, foretells a shortage, and gives the numbers as files', async () => {
    await live(40)
    const { page, complaints } = await openWindowOf(rail, 'Sam')
    await page.goto(licensing.license(uuid, tagId))
    await page.getByRole('link', { name: 'History' }).click()
    await page.getByRole('img', { name: /.+: .* in use on/ }).waitFor()
    await assertAccessible(page)
    await page.getByText('The numbers').click()
    assert.equal(await page.locator('tbody tr').count(), 40)
    await page.getByRole('link', { name: 'A year' }).click()
    await page.getByRole('img').first().waitFor()
    await page.goto(licensing.overview(uuid))
    await page.getByRole('img', { name: /^All licenses: / }).waitFor()
    await assertAccessible(page)
    assert.deepEqual(complaints, [])
    const sam = await rail.signedIn('Sam')
    const lines = (await sam.get(licensing.licenseHistoryFile(uuid, tagId, 'csv'))).text.trim().split('\r\n')
    assert.deepEqual([lines[0], lines.length], ['Day,Purchased,In use,Short', 41])
    const read = JSON.parse((await sam.get(licensing.licenseHistoryFile(uuid, tagId, 'json'))).text)
    assert.equal(read.at(-1).inUse - read[0].inUse, 39)
  })

  it('is, for somebody with a role in one Local Virtual Account, the history of that one', async () => {
    const [sam, victor] = [await rail.signedIn('Sam'), await rail.signedIn('Victor')]
    const last = async (person: typeof sam) =>
      JSON.parse((await person.get(licensing.licenseHistoryFile(uuid, tagId, 'json'))).text).at(-1).inUse
    const here = await db()('authorizations').where({ tag_id: tagId, local_virtual_account_id: rail.fleet.places.Default }).first('in_use')
    assert.equal(await last(victor), here.in_use)
    assert.ok((await last(sam)) > here.in_use)
  })
})
