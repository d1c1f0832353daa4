import assert from 'node:assert/strict'
import type { CloudCarrier } from '../../src/cloud/carrier.ts'
import { minute } from '../../src/rules/clock.ts'
import { findProgress, putProgress } from '../../src/storage/synchronizationProgress.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { tellingProgress } from '../../src/synchronization/tellProgress.ts'
import { administrator } from '../support/account.ts'
import { until } from '../support/until.ts'
import { type Branch, standProduct, type Upstream, withCloud } from '../support/upstream.ts'

describe('how far an exchange is', () => {
  let upstream: Upstream
  let branch: Branch
  withCloud(both => {
    ;({ upstream, branch } = both)
  })
  const found = (id: number) => findProgress(branch.context.storage.db, id, upstream.clock.now())

  it('shows while it is under way, and is forgotten with its end', async () => {
    const account = await branch.register('Progress')
    await standProduct(branch, account)
    const told: unknown[] = []
    const carry: CloudCarrier['carry'] = (consignment, credentials, sent) => {
      assert.ok(sent)
      return branch.context.cloud.carry(consignment, credentials, (bytes, of) => {
        told.push([bytes, of === Buffer.byteLength(consignment.container)])
        sent(bytes, of)
      })
    }
    const ask: CloudCarrier['ask'] = async (...question) => {
      await until(async () => (await found(account.id))?.step === 'waiting')
      return branch.context.cloud.ask(...question)
    }
    const context = { ...branch.context, cloud: { ...branch.context.cloud, carry, ask } }
    await synchronizeLocalAccount(context, administrator, account.id, 'full')
    assert.deepEqual(told, [[0, true]])
    assert.equal(await found(account.id), undefined)
  })

  it('is told in numbers, at most once a second and at each new step, and forgotten also when the work fails', async () => {
    const account = await branch.register('Numbers')
    const seen: unknown[] = []
    const work = tellingProgress(branch.context, account.id, async tell => {
      tell('writing', 2000, 300_000)
      await until(async () => (await found(account.id)) !== undefined)
      seen.push(await found(account.id))
      tell('writing', 4000, 300_000)
      tell('sending', 0, 10)
      await until(async () => (await found(account.id))?.step === 'sending')
      throw new Error('The line was cut.')
    })
    await assert.rejects(work, /cut/)
    assert.deepEqual(seen, [{ step: 'writing', done: 2000, total: 300_000 }])
    assert.equal(await found(account.id), undefined)
  })

  it('is not believed when nobody has said anything for minutes: whoever carried it was killed', async () => {
    const account = await branch.register('Killed')
    await putProgress(branch.context.storage.db, account.id, { step: 'waiting', done: 0, total: null }, upstream.clock.now())
    assert.ok(await found(account.id))
    upstream.clock.advance(3 * minute)
    assert.equal(await found(account.id), undefined)
  })
})
