import assert from 'node:assert/strict'
import { removeRole } from '../../../src/administration/removeRole.ts'
import { beginBatch } from '../../../src/licensing/batches/beginBatch.ts'
import { carryBatches } from '../../../src/licensing/batches/carryBatch.ts'
import { createLocalVirtualAccount } from '../../../src/licensing/createLocalVirtualAccount.ts'
import { deleteLocalVirtualAccount } from '../../../src/licensing/deleteLocalVirtualAccount.ts'
import { minute } from '../../../src/rules/clock.ts'
import { findBatch } from '../../../src/storage/instanceBatches.ts'
import { findReporter } from '../../../src/storage/reportSchedules.ts'
import { findUser } from '../../../src/storage/users.ts'
import { paths } from '../../../src/web/paths.ts'
import { administrator } from '../../support/account.ts'
import type { HttpVisitor } from '../../support/httpVisitor.ts'
import type { Member } from '../../support/people.ts'
import { openRail, type Rail } from '../../support/rail.ts'

const { licensing } = paths

describe('what is done to many product instances', function () {
  this.timeout(120_000)
  let rail: Rail
  let sam: HttpVisitor
  let uuid: string
  beforeEach(async () => {
    rail = await openRail(450, { patience: minute })
    uuid = rail.fleet.uuid
    sam = await rail.signedIn('Sam')
  })
  afterEach(() => rail.close())

  /** How many are in each Local Virtual Account, and what is counted as in use in all of them together. */
  async function counts(): Promise<{ at: Record<string, number>; inUse: number }> {
    const { db } = rail.context.storage
    const account = { local_account_id: rail.fleet.localAccountId }
    const rows = await db('product_instances').where(account).groupBy('local_virtual_account_id').select('local_virtual_account_id').count()
    const [sum] = await db('authorizations').where(account).sum('in_use as sum')
    return { at: Object.fromEntries(rows.map(row => [row.local_virtual_account_id, Number(row.count)])), inUse: Number(sum!.sum) }
  }
  const person = async (member: Member) => {
    await rail.hire(member)
    const { db } = rail.context.storage
    const user = (await findUser(db, member.toLowerCase()))!
    const { assignments } = (await findReporter(db, user.id))!
    return { kind: 'user' as const, name: user.username, assignments, userId: user.id }
  }
  const everything = { filter: { states: [], text: '', silent: false }, place: undefined }
  const transfer = licensing.batchTransfer
  const removal = licensing.batchRemoval

  it('is reviewed first: how many, where they are, which are skipped and why; then all of them go, with what they use', async () => {
    const { places } = rail.fleet
    const before = await counts()
    assert.match((await sam.get(licensing.productInstances(uuid))).text, new RegExp(transfer(uuid)))
    const page = `${transfer(uuid)}?to=${places.Campus}`
    const { text } = await sam.get(page)
    const there = before.at[places.Campus!]!
    assert.match(
      text,
      new RegExp(`<strong[^>]*>${450 - there} product instances go to Campus</strong>[\\s\\S]*${there} are there already and are skipped`),
    )
    assert.deepEqual(await counts(), before, 'a review changes nothing')
    const answer = await sam.submit(page, transfer(uuid), { to: String(places.Campus), expected: '450' })
    assert.equal(answer.headers.location, licensing.productInstances(uuid))
    const told = (await sam.get(licensing.productInstances(uuid))).text
    assert.match(
      told,
      new RegExp(`${450 - there} product instances were transferred to Campus\\.[\\s\\S]*Skipped: ${there} are in Campus already\\.`),
    )
    assert.deepEqual(await counts(), { at: { [places.Campus!]: 450 }, inUse: before.inUse })
  })

  it('is all that the filter shows and nothing else', async () => {
    const { places } = rail.fleet
    const before = await counts()
    const mine = String(places.Campus)
    const page = `${removal(uuid)}?place=${mine}`
    const number = String(before.at[mine])
    const wrong = await sam.submit(page, removal(uuid), { place: mine, confirmation: '1' })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /There are not as many as you were shown any more/)
    assert.match((await sam.submit(page, removal(uuid), { place: mine, confirmation: 'yes' })).text, /Type how many product instances/)
    assert.deepEqual(await counts(), before)
    assert.equal((await sam.submit(page, removal(uuid), { place: mine, confirmation: number })).status, 303)
    const { [mine]: _, ...others } = before.at
    assert.deepEqual((await counts()).at, others)
    assert.match((await sam.get(licensing.productInstances(uuid))).text, new RegExp(`${number} product instances were removed`))
  })

  it('of what was ticked skips who is gone, and says so', async () => {
    const { db } = rail.context.storage
    const [first, second] = await db('product_instances').where({ local_account_id: rail.fleet.localAccountId }).orderBy('name').limit(2)
    const list = licensing.productInstances(uuid)
    await sam.submit(list, licensing.instanceRemoval(uuid), { id: first.id })
    const gone = await sam.get(`${licensing.instanceRemoval(uuid)}?id=${first.id}&id=${second.id}`)
    assert.match(gone.text, /1 of those that you ticked is not there any more, and is skipped/)
    const token = await sam.token(list)
    const body = Buffer.from(
      new URLSearchParams([
        ['_token', token],
        ['id', first.id],
        ['id', second.id],
      ]).toString(),
    )
    await sam.send('POST', licensing.instanceRemoval(uuid), { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    assert.match((await sam.get(list)).text, /1 product instance was removed\.[\s\S]*Skipped: 1 was removed or changed in the meantime\./)
  })

  it('reaches no further than the roles of whoever asks', async () => {
    const victor = await rail.signedIn('Victor')
    const { places } = rail.fleet
    const before = await counts()
    const own = before.at[places.Default!]!
    assert.match((await victor.get(removal(uuid))).text, new RegExp(`Remove ${own} product instances\\?`))
    const elsewhere = { to: String(places.Campus), expected: String(own) }
    assert.equal((await victor.submit('/password', transfer(uuid), elsewhere)).status, 403)
    const others = { place: String(places.Campus), confirmation: String(before.at[places.Campus!]) }
    assert.equal((await victor.submit('/password', removal(uuid), others)).status, 404)
    assert.deepEqual(await counts(), before)
    await victor.submit('/password', removal(uuid), { confirmation: String(own) })
    const { [String(places.Default)]: _, ...rest } = before.at
    assert.deepEqual((await counts()).at, rest)
  })

  it('goes on where it was after a server that stopped, each part whole, and ends once', async () => {
    const { context } = rail
    const to = rail.fleet.places.Campus!
    const { localAccountId } = rail.fleet
    const before = await counts()
    const key = {
      localAccountId,
      id: await beginBatch(context, await person('Sam'), { localAccountId, deed: 'transfer', chosen: everything, to }),
    }
    assert.match((await sam.get(licensing.alerts(uuid))).text, /Many product instances are being transferred/)
    const stops = new AbortController()
    const { transaction } = context.storage
    let parts = 0
    context.storage.transaction = (async work => {
      const result = await transaction(work)
      if (++parts === 1) stops.abort()
      return result
    }) as typeof transaction
    await carryBatches(context, { ends: stops.signal })
    const halfway = (await findBatch(context.storage.db, key))!
    assert.deepEqual([halfway.state, halfway.done + halfway.thereAlready], ['running', 200])
    assert.match((await sam.get(licensing.batch(uuid, key.id))).text, /Under way[\s\S]*200 of 450 product instances/)
    assert.equal((await counts()).inUse, before.inUse)
    await Promise.all([carryBatches(context), carryBatches(context)])
    await carryBatches(context)
    const ended = (await findBatch(context.storage.db, key))!
    assert.deepEqual([ended.state, ended.done + ended.thereAlready], ['done', 450])
    assert.deepEqual(await counts(), { at: { [to]: 450 }, inUse: before.inUse })
    assert.doesNotMatch((await sam.get(licensing.alerts(uuid))).text, /are being transferred/)
    const { db } = context.storage
    const [moved] = await db('events')
      .where({ local_account_id: localAccountId, kind: 'product instance transferred', local_virtual_account_id: to })
      .count()
    assert.equal(Number(moved!.count), ended.done)
  })

  it('stops when somebody says so, when a role is gone, and when its target is; what is done stays done', async () => {
    const { context } = rail
    const { localAccountId } = rail.fleet
    const who = await person('Sam')
    const begin = (to: number) => beginBatch(context, who, { localAccountId, deed: 'transfer', chosen: everything, to })
    const stopped = await begin(rail.fleet.places.Campus!)
    await sam.submit(licensing.batch(uuid, stopped), licensing.batchStop(uuid, stopped), {})
    const wish = { localAccountId, name: 'Depot', description: '', isPublic: true }
    const depot = await createLocalVirtualAccount(context, administrator, wish)
    const aimless = await begin(depot.id)
    await deleteLocalVirtualAccount(context, administrator, { localAccountId, id: depot.id })
    const roleless = await begin(rail.fleet.places.Campus!)
    await carryBatches(context, { ends: AbortSignal.abort() })
    await removeRole(context, administrator, 'sam', { role: 'smart-account-user', localAccountId })
    await carryBatches(context)
    const states = await Promise.all([stopped, aimless, roleless].map(id => findBatch(context.storage.db, { localAccountId, id })))
    assert.deepEqual(
      states.map(batch => [batch!.state, batch!.done]),
      [
        ['stopped', 0],
        ['failed', 0],
        ['failed', 0],
      ],
    )
    assert.match(states[1]!.failure!, /was deleted/)
    assert.match(states[2]!.failure!, /may not do it any more/)
  })
})
