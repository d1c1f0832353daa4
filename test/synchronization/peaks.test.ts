import assert from 'node:assert/strict'
import { askForRemoval } from '../../src/lab/cloud/store/commands.ts'
import { listUsage } from '../../src/lab/cloud/store/reports.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { getExchangeFile } from '../../src/storage/synchronizations.ts'
import { applySynchronization } from '../../src/synchronization/applySynchronization.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { administrator } from '../support/account.ts'
import { type Branch, courier, seenByCloud, standProduct, type Upstream, useLicenses, withCloud } from '../support/upstream.ts'

describe('what the cloud is told of use, and asks for', () => {
  let upstream: Upstream
  let branch: Branch
  let account: LocalAccount
  let tag: string
  let count = 0
  withCloud(both => {
    ;({ upstream, branch } = both)
    tag = upstream.ready.tags.advantage
  })
  beforeEach(async () => {
    account = await branch.register(`Peak ${++count}`)
  })

  const synchronize = () => synchronizeLocalAccount(branch.context, administrator, account.id, 'standard')
  const use = (id: string, number: number) => useLicenses(branch, account, id, number === 0 ? {} : { [tag]: number })
  const seen = () =>
    listUsage(upstream.database.read, seenByCloud(upstream, account.uuid).registration.id).map(({ inUse, peak }) => [inUse, peak])

  it('is the most since the last exchange, beside what is in use now', async () => {
    const id = await standProduct(branch, account)
    for (const number of [3, 9, 4]) await use(id, number)
    await synchronize()
    assert.deepEqual(seen(), [[4, 9]])
    await synchronize()
    assert.deepEqual(seen(), [[4, 4]])
  })

  it('is told once more when nothing of it is in use any more', async () => {
    const id = await standProduct(branch, account)
    await use(id, 7)
    await use(id, 0)
    await synchronize()
    assert.deepEqual(seen(), [[0, 7]])
    await synchronize()
    assert.deepEqual(seen(), [])
  })

  it('keeps for the next exchange what was used while a courier was on his way', async () => {
    const id = await standProduct(branch, account)
    await use(id, 5)
    const wish = { localAccountId: account.id, kind: 'standard', reason: 'MANUAL', carrier: 'manual' } as const
    const exchange = await prepareSynchronization(branch.context, administrator, wish)
    for (const number of [8, 2]) await use(id, number)
    const file = await courier(upstream, (await getExchangeFile(branch.context.storage.db, exchange, 'request'))!)
    await applySynchronization(branch.context, administrator, { localAccountId: account.id, file })
    assert.deepEqual(seen(), [[5, 5]])
    await synchronize()
    assert.deepEqual(seen(), [[2, 8]])
  })

  it('loses nothing when a request is cancelled', async () => {
    const id = await standProduct(branch, account)
    for (const number of [6, 1]) await use(id, number)
    const wish = { localAccountId: account.id, kind: 'standard', reason: 'MANUAL', carrier: 'manual' } as const
    await prepareSynchronization(branch.context, administrator, wish)
    await prepareSynchronization(branch.context, administrator, wish)
    await synchronize()
    assert.deepEqual(seen(), [[1, 6]])
  })

  it('removes a product instance when the cloud says so, with its licenses, and passes over one that is gone', async () => {
    const [gone, kept] = [await standProduct(branch, account), await standProduct(branch, account)]
    await use(gone, 5)
    await use(kept, 2)
    await synchronize()
    const { registration } = seenByCloud(upstream, account.uuid)
    await upstream.database.write(db => {
      for (const id of [gone, account.uuid]) askForRemoval(db, registration.id, id)
    })
    assert.equal((await synchronize()).summary.commands, 1)
    const { db } = branch.context.storage
    assert.deepEqual(await db('product_instances').where({ local_account_id: account.id }).pluck('id'), [kept])
    assert.deepEqual(await db('tombstones').where({ local_account_id: account.id }).pluck('removed_by'), ['the cloud'])
    assert.equal((await synchronize()).kind, 'standard')
    assert.deepEqual([seenByCloud(upstream, account.uuid).productIds, seen()[0]![0]], [[kept], 2])
  })
})
