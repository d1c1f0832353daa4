import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { issueIdCertificate, prepareIdCertificate } from '../../src/pki/idCertificate.ts'
import { makeRsaKey } from '../../src/pki/keys.ts'
import type { LocalAccount } from '../../src/rules/accounts.ts'
import { day } from '../../src/rules/clock.ts'
import { listAuthorizations } from '../../src/storage/authorizations.ts'
import { getLocalAccount, updateLocalAccount } from '../../src/storage/localAccounts.ts'
import { findDefaultLocalVirtualAccount, insertLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { synchronizeLocalAccount } from '../../src/synchronization/synchronizeLocalAccount.ts'
import { openContainer, readPayload } from '../../src/wire/container.ts'
import { parsePayload } from '../../src/wire/exchange/payloads.ts'
import { administrator } from '../support/account.ts'
import { openSsl } from '../support/openssl.ts'
import { type Branch, type Shop, seenByCloud, standProduct, type Upstream, useLicenses, withCloud } from '../support/upstream.ts'

describe('synchronizing a Local Account with the cloud over the network', () => {
  let upstream: Upstream
  let branch: Branch
  let account: LocalAccount
  let shop: Shop
  const number = { counter: 0 }

  withCloud(both => {
    ;({ upstream, branch } = both)
  })
  beforeEach(async () => {
    const name = `Site ${++number.counter}`
    account = await branch.register(name)
    shop = upstream.shop(name)
  })

  const synchronize = (type: 'standard' | 'full' = 'standard') => synchronizeLocalAccount(branch.context, administrator, account.id, type)
  const now = () => getLocalAccount(branch.context.storage.db, account.id)
  const lastUpward = () => JSON.parse(upstream.upward().at(-1)!)
  const defaultPlace = async () => (await findDefaultLocalVirtualAccount(branch.context.storage.db, account.id))!
  const standing = async (place: number) =>
    Object.fromEntries((await listAuthorizations(branch.context.storage.db, account.id, place)).map(row => [row.tag, row]))

  it('tells totals and every product instance in a full one', async () => {
    const { advantage, essentials } = upstream.ready.tags
    await shop.buy(advantage, 10)
    await synchronize()
    const ids = [await standProduct(branch, account), await standProduct(branch, account)]
    await useLicenses(branch, account, ids[0]!, { [advantage]: 4, [essentials]: 1 })
    await useLicenses(branch, account, ids[1]!, { [advantage]: 3 })
    const done = await synchronize('full')
    assert.equal(done.state, 'applied')
    const seen = seenByCloud(upstream, account.uuid)
    assert.deepEqual(seen.productIds, ids.sort())
    assert.deepEqual(seen.usage, { [advantage]: 7, [essentials]: 1 })
    assert.equal(seen.registration.lastSequence, 2)
    assert.equal((await now()).sequence, 2)
    assert.equal((await now()).chainHash, seen.registration.chainHash)
    assert.deepEqual(done.summary.products, { added: 2, changed: 0, removed: 0 })
  })

  it('tells only what was added, changed and removed in a standard one', async () => {
    const ids = [await standProduct(branch, account), await standProduct(branch, account), await standProduct(branch, account)]
    await synchronize()
    assert.equal(lastUpward().products.added.length, 3)
    const { db } = branch.context.storage
    await db('product_instances').where({ id: ids[0] }).update({ hostname: 'renamed' })
    await db('product_instances').where({ id: ids[1] }).delete()
    const fresh = await standProduct(branch, account)
    await synchronize()
    const { products, sync_type, base_sequence } = lastUpward()
    assert.deepEqual([sync_type, base_sequence], ['standard', 1])
    assert.deepEqual(
      products.added.map((each: { product_instance_identifier: string }) => each.product_instance_identifier),
      [fresh],
    )
    assert.deepEqual(
      products.changed.map((each: { hostname: string }) => each.hostname),
      ['renamed'],
    )
    assert.deepEqual(products.removed, [ids[1]])
    assert.deepEqual(seenByCloud(upstream, account.uuid).productIds, [ids[0]!, ids[2]!, fresh].sort())
    await synchronize()
    assert.deepEqual(lastUpward().products, { added: [], changed: [], removed: [] })
  })

  it('leaves an expired instance out, which is unregistered, and tells of it again when it is back', async () => {
    const id = await standProduct(branch, account)
    await synchronize()
    const { db } = branch.context.storage
    await db('product_instances').where({ id }).update({ state: 'EXPIRED' })
    await synchronize()
    assert.deepEqual(lastUpward().products.removed, [id])
    await db('product_instances').where({ id }).update({ state: 'REGISTERED' })
    await synchronize()
    assert.equal(lastUpward().products.added.length, 1)
  })

  it('says the same as the wire has it, in many chunks too', async function () {
    this.timeout(60_000)
    const { db } = branch.context.storage
    const id = await standProduct(branch, account, { hostname: 'quote " and \\ and ü', serial: 'MANY0' })
    await db.raw(
      `insert into product_instances (local_account_id, id, local_virtual_account_id, state, software_tag, product_type, udi_key, udi_pid,
         udi_serial_number, devices, hostname, name, export_controlled, registration_token_id, registered_at)
       select local_account_id, gen_random_uuid(), local_virtual_account_id, state, software_tag, product_type, udi_key || n, udi_pid, 'MANY' || n,
         devices, hostname || n, name || n, export_controlled, registration_token_id, registered_at
       from product_instances, generate_series(1, 4500) n where id = ?`,
      [id],
    )
    await synchronize('full')
    const name = `${account.name.replace(' ', '-')}-1.sync-request.json`
    const payload = parsePayload('sync-request', await readPayload(openContainer(readFileSync(`${upstream.exchanges}/${name}`))))
    assert.ok(payload.sync_type === 'full')
    assert.equal(payload.products.all.length, 4501)
    const told = payload.products.all.find(each => each.udi_serial_number === 'MANY0')!
    assert.equal(told.hostname, 'quote " and \\ and ü')
    assert.equal(told.registered_at, branch.context.clock.now().getTime())
    assert.equal(seenByCloud(upstream, account.uuid).productIds.length, 4501)
  })

  it('resets the 365 days: same keys, same subjects, new numbers and dates, and old ID certificates stay good', async () => {
    const before = await branch.context.authority.of(account.id)
    const key = await makeRsaKey()
    const subject = {
      publicKey: key.publicKey,
      product: 'EX-R1000',
      productInstanceId: account.uuid,
      udis: ['urn:udi:EX-R1000:FOX0'],
    }
    const id = await issueIdCertificate(prepareIdCertificate(before, subject, upstream.clock.now()))
    upstream.clock.advance(100 * day)
    await synchronize()
    const after = await branch.context.authority.of(account.id)
    assert.notEqual(after.certificate.serial, before.certificate.serial)
    assert.notEqual(after.signer.serial, before.signer.serial)
    assert.ok(after.certificate.subjectDer.equals(before.certificate.subjectDer))
    assert.ok(after.certificate.publicKey.equals(before.certificate.publicKey))
    assert.ok(after.signer.certificate.publicKey.equals(before.signer.certificate.publicKey))
    assert.ok(after.certificate.notAfter > before.certificate.notAfter)
    assert.deepEqual((await now()).lastSynchronizedAt, upstream.clock.now())
    assert.ok(after.threeTierChain, 'the first synchronization brings the three-tier certificate')
    const tool = openSsl()
    try {
      tool.file('root.pem', readFileSync(upstream.ready.licensingRoot))
      tool.file('chain.pem', after.chain.join(''))
      tool.file('three.pem', after.threeTierChain!.join(''))
      tool.file('id.pem', id.pem)
      const at = ['-attime', String(upstream.clock.now().getTime() / 1000)]
      for (const chain of ['chain.pem', 'three.pem']) {
        const said = tool.run('verify', ...at, '-CAfile', 'root.pem', '-untrusted', chain, 'id.pem')
        assert.ok(said.ok, said.text)
      }
      const account3 = new X509Certificate(after.threeTierChain![0]!)
      assert.ok(account3.verify(new X509Certificate(readFileSync(upstream.ready.licensingRoot)).publicKey), 'the root itself has signed it')
    } finally {
      tool.remove()
    }
  })

  it('lands what was bought in Default, and settles who was short in the same transaction', async () => {
    const { security } = upstream.ready.tags
    const lot = await shop.buy(security, 2)
    await synchronize()
    const place = await defaultPlace()
    const id = await standProduct(branch, account)
    await useLicenses(branch, account, id, { [security]: 3 })
    assert.ok((await standing(place.id))[security]?.outOfComplianceSince)
    await shop.set(lot, 5)
    await synchronize()
    const { purchased, balance, outOfComplianceSince } = (await standing(place.id))[security]!
    assert.deepEqual({ purchased, balance, outOfComplianceSince }, { purchased: 5, balance: 2, outOfComplianceSince: null })
    const { db } = branch.context.storage
    assert.deepEqual(await db('alerts').where({ local_account_id: account.id }).whereNull('cleared_at'), [])
    await shop.remove(lot)
    await synchronize()
    assert.ok((await standing(place.id))[security]?.outOfComplianceSince)
    const messages = (await db('events').where({ local_account_id: account.id, kind: 'entitlements changed' }).orderBy('id')).map(
      event => event.message,
    )
    assert.deepEqual(messages, [
      'The cloud gave 2 more of High Security: they are in Default.',
      'The cloud gave 3 more of High Security: they are in Default.',
      'The cloud took 5 of High Security away from Default.',
    ])
  })

  it('takes a loss off Default first, then off the others', async () => {
    const { advantage } = upstream.ready.tags
    const lot = await shop.buy(advantage, 10)
    await synchronize()
    const { db } = branch.context.storage
    const branchOffice = await insertLocalVirtualAccount(db, {
      localAccountId: account.id,
      name: 'Branch office',
      createdAt: upstream.clock.now(),
    })
    await db('entitlement_shares').where({ local_account_id: account.id }).update({ quantity: 4 })
    const share = await db('entitlement_shares').where({ local_account_id: account.id }).first()
    await db('entitlement_shares').insert({ ...share, local_virtual_account_id: branchOffice.id, quantity: 6 })
    await shop.set(lot, 5)
    await synchronize()
    assert.equal((await standing((await defaultPlace()).id))[advantage]?.purchased, 0)
    assert.equal((await standing(branchOffice.id))[advantage]?.purchased, 5)
  })

  it('tells a changed lot alone in a standard one, and everything in a full one', async () => {
    const { throughput, essentials } = upstream.ready.tags
    await shop.buy(throughput, 10)
    await synchronize()
    await shop.buy(essentials, 1)
    const standard = await synchronize()
    const full = await synchronize('full')
    const { db } = branch.context.storage
    const files = await db('synchronizations').where({ local_account_id: account.id }).whereIn('id', [standard.id, full.id]).orderBy('id')
    const payloads = await Promise.all(
      files.map(async row => parsePayload('sync-response', await readPayload(openContainer(Buffer.from(row.response))))),
    )
    const [changes, all] = payloads.map(payload => payload.entitlements as { changes?: unknown[]; all?: unknown[] })
    assert.equal(changes?.changes?.length, 1)
    assert.equal(all?.all?.length, 2)
  })

  it('brings a new license of the catalog, and what it may stand in for, and settles by it', async () => {
    const { advantage, throughput } = upstream.ready.tags
    await shop.buy(advantage, 5)
    await synchronize()
    const id = await standProduct(branch, account)
    await useLicenses(branch, account, id, { [throughput]: 2 })
    await upstream.database.write(db => db.run('insert into substitutions values (?, ?, 1)', advantage, throughput))
    await synchronize()
    const { borrowed, balance } = (await standing((await defaultPlace()).id))[throughput]!
    assert.deepEqual({ borrowed, balance }, { borrowed: 2, balance: 0 })
    await upstream.database.write(db => db.run('delete from substitutions where stands_in_for = ?', throughput))
    await synchronize()
    assert.equal((await standing((await defaultPlace()).id))[throughput]?.balance, -2)
  })

  it('never lets a withheld value into any upward byte', async () => {
    await standProduct(branch, account, { hostname: 'told-in-the-open', mac: '02:00:5e:00:53:01' })
    await synchronize()
    assert.ok(upstream.upward().some(text => text.includes('told-in-the-open') && text.includes('02:00:5e:00:53:01')))
    const before = upstream.upward().length
    await updateLocalAccount(branch.context.storage.db, account.id, { privacy: { hostname: true, ip: true, mac: true } })
    await standProduct(branch, account, { hostname: 'secret-name', mac: '02:00:5e:00:53:02' })
    await synchronize()
    await synchronize('full')
    const since = upstream.upward().slice(before)
    assert.equal(since.length, 2)
    for (const text of since) assert.doesNotMatch(text, /told-in-the-open|secret-name|02:00:5e/)
    assert.deepEqual(JSON.parse(since[0]!).privacy, { hostname: true, ip: true, mac: true })
    assert.equal(JSON.parse(since[0]!).products.changed.length, 1, 'what was told before is taken back')
    assert.ok(seenByCloud(upstream, account.uuid).products.every(each => each.hostname === null && each.mac_address === null))
  })

  it('never tells of Local Virtual Accounts, users or descriptions', async () => {
    const { db } = branch.context.storage
    await insertLocalVirtualAccount(db, { localAccountId: account.id, name: 'Quiet corner', createdAt: upstream.clock.now() })
    await standProduct(branch, account)
    await synchronize('full')
    assert.doesNotMatch(upstream.upward().at(-1)!, /Quiet corner|Default|"ada"/)
  })

  it('follows a rename in the cloud, which changes nothing else', async () => {
    await upstream.database.write(db => db.run("update virtual_accounts set name = 'Renamed' || id where name = ?", account.name))
    await synchronize()
    const renamed = await now()
    assert.equal(renamed.virtualAccount.id, account.virtualAccount.id)
    assert.equal(renamed.virtualAccount.name, `Renamed${account.virtualAccount.id}`)
  })

  it('refuses an account that has not been synchronized for 365 days', async () => {
    upstream.clock.advance(365 * day)
    await assert.rejects(synchronize(), { code: 'ACCOUNT_EXPIRED' })
    upstream.clock.advance(-365 * day)
  })
})
