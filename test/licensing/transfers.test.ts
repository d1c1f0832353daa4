import assert from 'node:assert/strict'
import fc from 'fast-check'
import { deleteLocalVirtualAccount } from '../../src/licensing/deleteLocalVirtualAccount.ts'
import { recountPurchased } from '../../src/licensing/settleAuthorizations.ts'
import { transferLicenses } from '../../src/licensing/transferLicenses.ts'
import { transferProductInstances } from '../../src/licensing/transferProductInstances.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import type { Person } from '../../src/rules/roles.ts'
import { administrator, registeredAccount } from '../support/account.ts'
import { testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { type Fleet, fleetRows } from '../support/fleetRows.ts'

const refused = (work: Promise<unknown>, words: RegExp) =>
  assert.rejects(work, (error: unknown) => error instanceof Refusal && words.test(error.message))

describe('transfers between Local Virtual Accounts', () => {
  let database: TestDatabase
  let context: TestContext
  let fleet: Fleet
  const clock = testClock()

  before(async () => {
    database = await createTestDatabase()
    context = testContext(database.storage, clock)
    const { account } = await registeredAccount(context)
    fleet = await fleetRows(database.storage.db, { uuid: account.uuid, products: 60, now: clock.now() })
    await database.storage.transaction(tx => recountPurchased(tx, account.id, clock.now()))
  })
  after(() => database.drop())

  const rows = async (sql: string) => (await database.storage.db.raw(sql, { account: fleet.localAccountId })).rows
  /** Counters that are not what usage and shares add up to. */
  const differences = () =>
    rows(`
      with used as (
        select i.local_virtual_account_id as place, u.tag_id, sum(u.quantity)::bigint as in_use, count(*) as instances,
               count(*) filter (where u.local_virtual_account_id is distinct from i.local_virtual_account_id) as misplaced
        from usage u join product_instances i on i.local_account_id = u.local_account_id and i.id = u.product_instance_id
        where u.local_account_id = :account group by 1, 2),
      held as (
        select s.local_virtual_account_id as place, e.tag_id, sum(s.quantity)::bigint as purchased
        from entitlement_shares s join entitlements e using (local_account_id, license_id)
        where s.local_account_id = :account and e.starts_at <= '${clock.now().toISOString()}' and (e.ends_at is null or e.ends_at > '${clock.now().toISOString()}')
        group by 1, 2),
      counted as (select local_virtual_account_id as place, tag_id, purchased, in_use, instances from authorizations where local_account_id = :account)
      select * from counted c full join used u using (place, tag_id) full join held h using (place, tag_id)
      where coalesce(c.in_use, 0) <> coalesce(u.in_use, 0) or coalesce(c.instances, 0) <> coalesce(u.instances, 0)
        or coalesce(c.purchased, 0) <> coalesce(h.purchased, 0) or u.misplaced > 0`)
  const sums = () =>
    rows(
      'select tag_id, sum(purchased) as purchased, sum(in_use) as in_use from authorizations where local_account_id = :account group by 1 order by 1',
    )
  const places = () => Object.values(fleet.places)
  const tags = () => Object.values(fleet.tags)
  const held = async (place: number, tagId: number) =>
    (await database.storage
      .db('authorizations')
      .where({ local_account_id: fleet.localAccountId, local_virtual_account_id: place, tag_id: tagId })
      .first())!

  /** A place and a tag of which it has some. */
  const someLicenses = async (): Promise<{ from: number; tagId: number }> =>
    (
      await rows(`select local_virtual_account_id as "from", tag_id as "tagId" from authorizations
        where local_account_id = :account and local_virtual_account_id <> ${fleet.places.Laboratory} and purchased > 1 order by 1, 2`)
    )[0]

  it('moves licenses, settles both sides and says so in the log of both', async () => {
    const { from, tagId } = await someLicenses()
    const to = fleet.places.Laboratory
    const [before, target] = [await held(from, tagId), await held(to, tagId)]
    await transferLicenses(context, administrator, { localAccountId: fleet.localAccountId, from, to, licenses: [{ tagId, quantity: 1 }] })
    assert.equal((await held(from, tagId)).purchased, before.purchased - 1)
    assert.equal((await held(to, tagId)).purchased, (target?.purchased ?? 0) + 1)
    const told = await rows(`select local_virtual_account_id as place, message, who from events
      where local_account_id = :account and kind = 'licenses transferred' order by id`)
    assert.deepEqual(
      told.map(({ place }: { place: number }) => place),
      [from, to],
    )
    assert.match(told[0].message, /^1 of .+ was transferred from .+ to Laboratory\.$/)
  })

  it('moves all that was asked for or nothing', async () => {
    const before = await sums()
    const { from, tagId } = await someLicenses()
    const to = fleet.places.Laboratory
    const licenses = [
      { tagId, quantity: 1 },
      { tagId: tags().find(id => id !== tagId)!, quantity: 10_000_000 },
    ]
    const was = (await held(from, tagId)).purchased
    await refused(
      transferLicenses(context, administrator, { localAccountId: fleet.localAccountId, from, to, licenses }),
      /can be transferred from there/,
    )
    assert.equal((await held(from, tagId)).purchased, was)
    assert.deepEqual(await sums(), before)
  })

  it('moves a product instance with what it uses, and its next report counts where it is', async () => {
    const [{ id, place, name }] = await rows(`
      select i.id, i.local_virtual_account_id as place, i.name from product_instances i join usage u on u.local_account_id = i.local_account_id and u.product_instance_id = i.id
      where i.local_account_id = :account and i.local_virtual_account_id = ${fleet.places.Campus} order by i.id limit 1`)
    assert.equal(place, fleet.places.Campus)
    const went = await transferProductInstances(context, administrator, {
      localAccountId: fleet.localAccountId,
      ids: [id],
      to: fleet.places.Laboratory,
    })
    assert.deepEqual(went, [name])
    assert.deepEqual(await differences(), [])
    const again = await transferProductInstances(context, administrator, {
      localAccountId: fleet.localAccountId,
      ids: [id],
      to: fleet.places.Laboratory,
    })
    assert.deepEqual(again, [], 'one that is there already stays')
  })

  it('lets somebody with a role in one place move nothing out of it or into it', async () => {
    const { Default: here, Campus: there } = fleet.places
    const vera: Person = {
      kind: 'user',
      name: 'vera',
      assignments: [{ role: 'virtual-account-administrator', localAccountId: fleet.localAccountId, localVirtualAccountId: here }],
    }
    const licenses = [{ tagId: fleet.tags['Wireless Access Point']!, quantity: 1 }]
    const wish = { localAccountId: fleet.localAccountId, licenses }
    await refused(transferLicenses(context, vera, { ...wish, from: here, to: there }), /both Local Virtual Accounts/)
    await refused(transferLicenses(context, vera, { ...wish, from: there, to: here }), /both Local Virtual Accounts/)
    const [{ id }] = await rows(
      `select id from product_instances where local_account_id = :account and local_virtual_account_id = ${there} limit 1`,
    )
    await refused(transferProductInstances(context, vera, { localAccountId: fleet.localAccountId, ids: [id], to: there }), /both/)
    await refused(
      transferProductInstances(context, vera, { localAccountId: fleet.localAccountId, ids: [id], to: here }),
      /no such product instance/,
    )
  })

  it('refuses an instance that is gone, and moves none of the others', async () => {
    const [{ id }] = await rows(
      `select id from product_instances where local_account_id = :account and local_virtual_account_id = ${fleet.places.Campus} limit 1`,
    )
    const ids = [id, '00000000-0000-8000-8000-000000000000']
    await refused(
      transferProductInstances(context, administrator, { localAccountId: fleet.localAccountId, ids, to: fleet.places.Laboratory }),
      /no such product instance/,
    )
    assert.equal(
      (await database.storage.db('product_instances').where({ id }).first('local_virtual_account_id')).local_virtual_account_id,
      fleet.places.Campus,
    )
  })

  it('keeps every counter what usage and shares add up to, and creates and loses nothing, whatever is moved where', async () => {
    const instances = (await rows('select id from product_instances where local_account_id = :account order by id')).map(
      (row: { id: string }) => row.id,
    )
    const before = await sums()
    const place = fc.constantFrom(...places())
    const step = fc.oneof(
      fc.record({ from: place, to: place, tagId: fc.constantFrom(...tags()), quantity: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ to: place, ids: fc.uniqueArray(fc.constantFrom(...instances), { minLength: 1, maxLength: 8 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async steps => {
        for (const each of steps) {
          const { localAccountId } = fleet
          const work =
            'ids' in each
              ? transferProductInstances(context, administrator, { localAccountId, ...each })
              : transferLicenses(context, administrator, { localAccountId, from: each.from, to: each.to, licenses: [each] })
          await work.catch(error => assert.ok(error instanceof Refusal, String(error)))
        }
        assert.deepEqual(await differences(), [])
        assert.deepEqual(await sums(), before)
      }),
      { numRuns: 25 },
    )
  })

  it('deletes a Local Virtual Account that holds nothing, with its tokens and roles, and no other', async () => {
    const { localAccountId } = fleet
    const { Laboratory: id, Default: to } = fleet.places
    await refused(deleteLocalVirtualAccount(context, administrator, { localAccountId, id: to }), /licenses arrive there/)
    await refused(deleteLocalVirtualAccount(context, administrator, { localAccountId, id }), /still holds .* Transfer them/)
    const ids = (await rows(`select id from product_instances where local_account_id = :account and local_virtual_account_id = ${id}`)).map(
      (row: { id: string }) => row.id,
    )
    await transferProductInstances(context, administrator, { localAccountId, ids, to })
    const licenses = await rows(
      `select tag_id as "tagId", purchased as quantity from authorizations where local_account_id = :account and local_virtual_account_id = ${id} and purchased > 0`,
    )
    await transferLicenses(context, administrator, { localAccountId, from: id, to, licenses })
    await deleteLocalVirtualAccount(context, administrator, { localAccountId, id })
    assert.deepEqual(await differences(), [])
    await refused(deleteLocalVirtualAccount(context, administrator, { localAccountId, id }), /no such Local Virtual Account/)
  })
})
