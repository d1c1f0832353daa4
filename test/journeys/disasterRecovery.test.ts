import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../../src/context.ts'
import { type DeviceDoor, openDeviceDoor } from '../../src/device/door.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { getLocalAccount } from '../../src/storage/localAccounts.ts'
import { findDefaultLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { registerLocalAccount } from '../../src/synchronization/registerLocalAccount.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { product } from '../lab/product/laboratory.ts'
import { administrator, newToken } from '../support/account.ts'
import { type Machine, machineWithServer, newMachine } from '../support/backups.ts'
import { testClock } from '../support/clock.ts'
import { newFolder } from '../support/folders.ts'
import { openUpstream, seenByCloud, type Upstream } from '../support/upstream.ts'

/** A server is lost with its machine. Its backup comes onto another one, while a product and the cloud know nothing of all that. */
describe('after the machine is lost', function () {
  this.timeout(240_000)
  let upstream: Upstream
  let old: Machine
  let other: Machine
  let context: Context
  let door: DeviceDoor
  let account: LocalAccount
  let data: string
  let token: string

  before(async () => {
    upstream = await openUpstream(testClock(new Date()))
    const { url, cloudRoot, licensingRoot } = upstream.ready
    const settings = { QUARTERMASTER_CLOUD_URL: url, QUARTERMASTER_CLOUD_CA: cloudRoot, QUARTERMASTER_LICENSING_ROOT: licensingRoot }
    const made = await machineWithServer(settings)
    old = made.machine
    context = made.shelves.context
    other = await newMachine(settings)
    const { clientId, clientSecret } = upstream.ready
    account = await registerLocalAccount(context, administrator, {
      name: 'Site',
      smartAccount: 'Example Corp',
      virtualAccount: 'Site',
      credentials: { clientId, clientSecret },
    })
    await upstream.shop('Site').buy(upstream.ready.tags.advantage, 10)
    await synchronize()
    door = await openDeviceDoor(context, { http: { port: 0, host: '127.0.0.1' } })
    data = newFolder('product')
    const place = (await findDefaultLocalVirtualAccount(context.storage.db, account.id))!
    token = (await newToken(context, { account, place })).secret
    const laboratory = {
      server: { deviceHttp: `http://127.0.0.1:${door.httpPort}`, deviceHttps: 'https://localhost:1' },
      token,
      tags: upstream.ready.tags,
      trust: { licensingRoot, deviceRoot: licensingRoot },
      clock: join(data, 'lab-clock'),
    }
    writeFileSync(join(data, 'lab.json'), JSON.stringify(laboratory))
  })
  after(async () => {
    await door?.close()
    await old?.remove()
    await other?.remove()
    await upstream?.close()
  })

  const synchronize = () => synchronizeLocalAccount(context, administrator, account.id, 'standard')
  const run = async (...words: string[]) => {
    const said = await product(data, ...words)
    assert.equal(said.code, 0, said.err + said.out)
    return said.out
  }
  let file: string

  it('its backup was taken while it ran, by the program', async () => {
    await run('register', '--token', token, '--url', `http://127.0.0.1:${door.httpPort}`)
    await run('use', 'advantage', '3')
    await synchronize()
    const { code, out } = await old.backup('create', '--json')
    assert.equal(code, 0, out)
    file = JSON.parse(out.trim().split('\n').at(-1)!).result.path
    const verified = await old.backup('verify', file, '--json')
    const { result } = JSON.parse(verified.out.trim().split('\n').at(-1)!)
    assert.deepEqual([verified.code, result.counts.product_instances, result.keys.accounts], [0, 1, 1])
  })

  it('what came after the backup is lost with it, though the cloud has heard of it', async () => {
    await run('use', 'advantage', '7')
    await synchronize()
    await synchronize()
    assert.deepEqual(seenByCloud(upstream, account.uuid).registration.lastSequence, 4)
  })

  it('the backup brings the server back on another machine, by the program', async () => {
    const { port } = new URL(`http://127.0.0.1:${door.httpPort}`)
    await door.close()
    const restored = await other.backup('restore', file, '--json')
    assert.equal(restored.code, 0, restored.out + restored.err)
    await old.remove()
    assert.equal(existsSync(old.folder), false)
    context = (await other.open()).context
    door = await openDeviceDoor(context, { http: { port: Number(port), host: '127.0.0.1' } })
  })

  it('the product goes on without registering again, and its use is what it says now', async () => {
    assert.match(await run('renew', 'auth'), /In use: Network Advantage 7\. Authorization: AUTHORIZED/)
    assert.match(await run('renew', 'id'), /./)
    assert.match(await run('show', 'license', 'status'), /Status: REGISTERED/)
    const instances = await context.storage.db('product_instances').pluck('state')
    assert.deepEqual(instances, ['REGISTERED'])
  })

  it('the next synchronization is full, says that it was restored, and brings both sides into step', async () => {
    const done = await synchronize()
    assert.deepEqual([done.kind, done.reason, done.state], ['full', 'RESTORED', 'applied'])
    const { registration, usage, productIds } = seenByCloud(upstream, account.uuid)
    assert.equal(productIds.length, 1)
    assert.deepEqual(Object.values(usage), [7])
    assert.equal((await getLocalAccount(context.storage.db, account.id)).chainHash, registration.chainHash)
    const next = await synchronize()
    assert.deepEqual([next.kind, next.state], ['standard', 'applied'])
  })
})
