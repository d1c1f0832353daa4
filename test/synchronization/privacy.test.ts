import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { addUser } from '../../src/administration/addUser.ts'
import { createAgent } from '../../src/lab/product/agent/agent.ts'
import { identityOf } from '../../src/lab/product/agent/identity.ts'
import { storeInMemory } from '../../src/lab/product/agent/store.ts'
import { createLocalVirtualAccount } from '../../src/licensing/createLocalVirtualAccount.ts'
import { createRegistrationToken } from '../../src/licensing/createRegistrationToken.ts'
import type { Person } from '../../src/rules/roles.ts'
import { getExchangeFile } from '../../src/storage/synchronizations.ts'
import { applySynchronization } from '../../src/synchronization/applySynchronization.ts'
import { prepareSynchronization } from '../../src/synchronization/prepareSynchronization.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { withholdFromCloud } from '../../src/synchronization/withholdFromCloud.ts'
import { openOn } from '../support/deviceDoor.ts'
import { castPassword } from '../support/people.ts'
import { type Branch, courier, openBranch, openUpstream, standProduct, type Upstream } from '../support/upstream.ts'

/** Everything that is named by people here carries a mark, and a mark in an upward byte is a leak. */
const mark = {
  place: 'Marked-Place',
  user: 'marked.user',
  words: 'Marked words',
  mail: 'marked@example.com',
  host: 'marked-host',
  mac: '02:00:5e:00:53:77',
}

describe('what never leaves', () => {
  let upstream: Upstream
  let branch: Branch
  let closeDoor: (() => Promise<unknown>) | undefined
  before(async () => {
    upstream = await openUpstream()
    branch = await openBranch(upstream)
  })
  after(async () => {
    await closeDoor?.()
    await branch?.close()
    await upstream?.close()
  })

  it('is in no byte of a whole journey: registration, standard, full, by a courier, conversions', async () => {
    const { context } = branch
    const who: Person = { kind: 'user', name: mark.user, assignments: [{ role: 'system-administrator' }] }
    const account = await branch.register('Journey', { notificationEmail: mark.mail, message: mark.words })
    const localAccountId = account.id
    const place = await createLocalVirtualAccount(context, who, {
      localAccountId,
      name: mark.place,
      description: mark.words,
      isPublic: false,
    })
    await addUser(context, who, {
      username: mark.user,
      password: castPassword,
      displayName: mark.words,
      email: mark.mail,
      mustChangePassword: false,
      assignments: [{ role: 'virtual-account-administrator', localAccountId, localVirtualAccountId: place.id }],
    })
    await withholdFromCloud(context, who, { localAccountId, privacy: { hostname: true, ip: true, mac: true } })
    await standProduct(branch, account, { hostname: mark.host, mac: mark.mac })
    const { door } = await openOn(context)
    closeDoor = () => door.close()
    const { secret } = await createRegistrationToken(context, who, {
      ...{ localAccountId, localVirtualAccountId: place.id, description: mark.words, days: 30, maximumUses: null, exportControlled: false },
    })
    const product = createAgent({
      state: storeInMemory(),
      url: `http://127.0.0.1:${door.httpPort}`,
      trust: readFileSync(upstream.ready.licensingRoot, 'utf8'),
      identity: identityOf({ pid: 'EX-R1000', serialNumber: randomUUID().slice(0, 8), hostname: mark.host }),
      clock: upstream.clock,
    })
    await product.register({ token: secret })
    await product.acknowledge()
    await product.report([{ tag: upstream.ready.tags.throughput, count: 3 }])
    await product.convert([{ source: 'PAK', sku: 'EX-THR-10G', feature: null, tag: null, count: 2 }])
    await synchronizeLocalAccount(context, who, localAccountId, 'standard')
    await synchronizeLocalAccount(context, who, localAccountId, 'full')
    const exchange = await prepareSynchronization(context, who, { localAccountId, kind: 'standard', reason: 'MANUAL', carrier: 'manual' })
    const file = await courier(upstream, (await getExchangeFile(context.storage.db, exchange, 'request'))!)
    await applySynchronization(context, who, { localAccountId, file })
    await product.poll()

    const upward = upstream.upward()
    const kinds = upward.map(text => JSON.parse(text)).map(({ type, sync_type }) => sync_type ?? type)
    assert.deepEqual(kinds, ['registration-request', 'standard', 'full', 'standard'])
    assert.ok(
      upward.some(text => JSON.parse(text).conversions?.length > 0),
      'the journey has a conversion',
    )
    assert.equal(JSON.parse(upward[2]!).products.all.length, 2)
    for (const text of upward) {
      for (const [what, value] of Object.entries(mark)) assert.ok(!text.toLowerCase().includes(value.toLowerCase()), `${what} went up`)
      assert.ok(!text.includes('Default'), 'the name of the default place went up')
    }
  })
})
