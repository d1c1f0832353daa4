import assert from 'node:assert/strict'
import { transferLicenses } from '../../../src/licensing/transferLicenses.ts'
import { paths } from '../../../src/web/paths.ts'
import { administrator } from '../../support/account.ts'
import type { HttpVisitor } from '../../support/httpVisitor.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('the Account page', () => {
  let rail: Rail
  let sofia: HttpVisitor
  let uuid: string
  before(async () => {
    rail = await openRail(20)
    uuid = rail.fleet.uuid
    sofia = await rail.signedIn('Sofia')
    await rail.hire('Nora')
  })
  after(() => rail.close())

  const give = (given: Record<string, string>) =>
    sofia.submit(licensing.account(uuid), licensing.accountRoles(uuid), {
      username: 'nora',
      role: 'virtual-account-user',
      localVirtualAccount: '',
      ...given,
    })
  const take = (given: Record<string, string>) =>
    sofia.submit(licensing.account(uuid), licensing.accountRoleRemoval(uuid), {
      username: 'nora',
      role: 'virtual-account-user',
      localVirtualAccount: '',
      ...given,
    })
  const rowOf = async (username: string) =>
    (await sofia.get(licensing.account(uuid))).text.split('<tr ').find(row => row.includes(`value="${username}"`)) ?? ''

  it('tells what the account is, and who has a role in it', async () => {
    const { status, text } = await sofia.get(licensing.account(uuid))
    assert.equal(status, 200)
    assert.match(text, /Smart Account[\s\S]*Virtual Account[\s\S]*Withheld from the cloud[\s\S]*Nothing/)
    assert.match(await rowOf('sofia'), /Smart Account administrator/)
    assert.equal(await rowOf('nora'), '')
  })

  it('lets its administrator give a role in a Local Virtual Account, which counts from the next sign-in on, and take it away', async () => {
    const place = String(rail.fleet.places.Campus)
    assert.equal((await give({ localVirtualAccount: place })).status, 303)
    assert.match(await rowOf('nora'), /Virtual Account user in Campus/)
    const nora = await rail.signedIn('Nora')
    assert.equal((await nora.get(licensing.licenses(uuid))).status, 200)
    assert.equal((await nora.get(licensing.account(uuid))).status, 403)
    assert.equal((await take({ localVirtualAccount: place })).status, 303)
    assert.equal(await rowOf('nora'), '')
    assert.equal((await nora.get(licensing.licenses(uuid))).status, 303, 'the session ended with the role')
    assert.match(
      (await sofia.get(licensing.events(uuid))).text,
      /role virtual-account-user was taken from nora[\s\S]*nora was given the role virtual-account-user/,
    )
  })

  it('refuses a role without its place, a place of another account, roles of the server, and a user who is not there', async () => {
    const other = (await rail.context.storage.db('local_virtual_accounts').max('id as id').first())!.id + 1
    for (const [given, field] of [
      [{}, 'localVirtualAccount'],
      [{ role: 'system-administrator' }, 'role'],
      [{ username: 'nobody-here', role: 'smart-account-user' }, 'username'],
    ] as const) {
      const answer = await give({ ...given })
      assert.equal(answer.status, 422, JSON.stringify(given))
      assert.match(answer.text, new RegExp(`id="${field}"[^>]*aria-invalid="true"`))
    }
    assert.equal((await give({ localVirtualAccount: String(other) })).status, 404)
    assert.equal(await rowOf('nora'), '')
  })

  it('takes no role that it did not give: those of the server stay', async () => {
    await rail.hire('Ada')
    await take({ username: 'ada', role: 'system-administrator' })
    assert.equal((await (await rail.signedIn('Ada')).get(paths.admin.users)).status, 200)
  })
})

describe('the pages Convert and Activity', () => {
  let rail: Rail
  before(async () => {
    rail = await openRail(60)
  })
  after(() => rail.close())

  it('tell what moved, with the filters, files and print of their reports', async () => {
    const sam = await rail.signedIn('Sam')
    const { uuid, places } = rail.fleet
    const { db } = rail.context.storage
    const held = await db('authorizations').whereNot({ local_virtual_account_id: places.Campus }).where('purchased', '>=', 3).first()
    const licenses = [{ tagId: held.tag_id, quantity: 3 }]
    const transfer = { localAccountId: rail.fleet.localAccountId, from: held.local_virtual_account_id, to: places.Campus, licenses }
    await transferLicenses(rail.context, administrator, transfer)
    const { text } = await sam.get(`${licensing.activity(uuid)}?kind=licenses+transferred`)
    assert.match(text, /3 of [^<]+ were transferred from [^<]+ to Campus/)
    assert.match(text, /reports\/transactions\.csv\?kind=licenses\+transferred/)
    assert.doesNotMatch((await sam.get(`${licensing.activity(uuid)}?kind=conversion`)).text, /were transferred/)
    const convert = await sam.get(licensing.conversions(uuid))
    assert.equal(convert.status, 200)
    assert.match(convert.text, /with the next synchronization/)
  })

  it('show nobody what happened in Local Virtual Accounts that are not theirs', async () => {
    const victor = await rail.signedIn('Victor')
    const { uuid } = rail.fleet
    const { text } = await victor.get(licensing.activity(uuid))
    assert.doesNotMatch(text, /data-label="Local Virtual Account">(Campus|Branches|Data centre)/)
  })
})
