import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { listSynchronizations } from '../../src/storage/synchronizations.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { tryConnection } from '../../src/synchronization/tryConnection.ts'
import { administrator } from '../support/account.ts'
import { ask } from '../support/http.ts'
import { type Branch, type Upstream, withCloud } from '../support/upstream.ts'

describe("each fault that the laboratory's cloud can be told, as this server words it", function () {
  this.timeout(60_000)
  let upstream: Upstream
  let branch: Branch
  let account: LocalAccount
  withCloud(async both => {
    ;({ upstream, branch } = both)
    account = await branch.register()
  })

  const headers = () => ({
    authorization: `Basic ${Buffer.from(`${upstream.ready.username}:${upstream.ready.password}`).toString('base64')}`,
  })
  const ca = () => readFileSync(upstream.ready.cloudRoot, 'utf8')
  /** Over its HTTP interface, as a script does. */
  async function tell(faults: Record<string, number>): Promise<void> {
    const body = new URLSearchParams(Object.entries(faults).map(([name, value]) => [name, String(value)])).toString()
    const form = { ...headers(), 'content-type': 'application/x-www-form-urlencoded' }
    const { status } = await ask(`${upstream.ready.url}/faults`, { headers: form, body, ca: ca() })
    assert.equal(status, 303)
  }
  async function left(): Promise<Record<string, number>> {
    const { body } = await ask(`${upstream.ready.url}/faults`, {
      method: 'GET',
      headers: { ...headers(), accept: 'application/json' },
      ca: ca(),
    })
    return JSON.parse(body)
  }
  const synchronize = () => synchronizeLocalAccount(branch.context, administrator, account.id, 'standard')
  const latest = async () => (await listSynchronizations(branch.context.storage.db, account.id, { limit: 1 }))[0]!
  async function fails(code: string, message: RegExp): Promise<void> {
    await assert.rejects(synchronize(), { name: 'Refusal', code, message })
    assert.match((await latest()).message!, message, 'the exchange says so too')
  }
  afterEach(async () => {
    await tell({ denyToken: 0, wrongClockHours: 0 })
    assert.ok(
      Object.values(await left()).every(value => value === 0),
      'every fault that was set has struck',
    )
    assert.equal((await synchronize()).state, 'applied', 'and once it is over, all is well')
  })

  it('refuse', async () => {
    await tell({ refuse: 1 })
    await fails('CLOUD_UNREACHABLE', /^The cloud is in trouble \(HTTP 503\)\. Try again later\.$/)
  })

  it('lose the answer', async () => {
    await tell({ loseAnswer: 1 })
    await fails('CLOUD_UNREACHABLE', /^The connection to the cloud at localhost broke off\. Try again/)
  })

  it('ask for a full synchronization', async () => {
    await tell({ askForFull: 1 })
    assert.deepEqual([(await synchronize()).kind, (await latest()).state], ['full', 'applied'])
  })

  it('sign with the wrong key', async () => {
    await tell({ wrongKey: 1 })
    await fails('BAD_SIGNATURE', /signature/)
  })

  it('take no token once: nobody notices', async () => {
    await tell({ denyToken: 1 })
    assert.equal((await synchronize()).state, 'applied')
  })

  it('take no token twice', async () => {
    await tell({ denyToken: 2 })
    await fails('CLOUD_UNREACHABLE', /^The cloud does not let this client in\. Check its client id and secret/)
  })

  it('find it too large', async () => {
    await tell({ tooLarge: 1 })
    await fails('CLOUD_REFUSED', /^The cloud takes at most 100 items at once.* synchronize by file/)
  })

  it('be slow: it takes longer, and no more', async () => {
    await tell({ slowSeconds: 1 })
    // The cloud waits by its own clock, which stands in a test.
    const time = setInterval(() => upstream.clock.advance(100), 20)
    try {
      assert.equal((await synchronize()).state, 'applied')
    } finally {
      clearInterval(time)
    }
    await tell({ slowSeconds: 0 })
  })

  it('have a wrong clock: the test of the connection says by how much, and each synchronization is a full one', async () => {
    await tell({ wrongClockHours: 30 })
    const { failed } = await tryConnection(branch.context, account.id)
    assert.match(String(failed?.sentence), /^The cloud's clock is 30 hours ahead of ours\./)
    assert.equal((await synchronize()).kind, 'full')
  })
})
