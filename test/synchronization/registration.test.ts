import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createVirtualAccount, setDirectProducts } from '../../src/lab/cloud/store/accounts.ts'
import { listAuthorizations } from '../../src/storage/authorizations.ts'
import { getLocalAccount } from '../../src/storage/localAccounts.ts'
import { findDefaultLocalVirtualAccount } from '../../src/storage/localVirtualAccounts.ts'
import { getServerIdentity } from '../../src/storage/serverIdentity.ts'
import { findLatestSynchronization } from '../../src/storage/synchronizations.ts'
import { ensureServerIdentity } from '../../src/synchronization/ensureServerIdentity.ts'
import { openSsl } from '../support/openssl.ts'
import { type Branch, openBranch, payloadText, seenByCloud, type Upstream, withCloud } from '../support/upstream.ts'

describe('registering a Local Account with the cloud over the network', () => {
  let upstream: Upstream
  let branch: Branch

  withCloud(both => {
    ;({ upstream, branch } = both)
  })

  const account = async (name: string) =>
    getLocalAccount(branch.context.storage.db, (await branch.context.storage.db('local_accounts').where({ name }).first()).id)

  it('makes it a registered one, linked by the id of the Virtual Account', async () => {
    const registered = await branch.register()
    assert.equal(registered.state, 'registered')
    assert.deepEqual(registered.smartAccount, { id: '100001', name: 'Example Corp' })
    assert.deepEqual(registered.virtualAccount, { id: '400001', name: 'Laboratory' })
    assert.deepEqual(registered.lastSynchronizedAt, upstream.clock.now())
    assert.equal(registered.sequence, 0)
    assert.equal(seenByCloud(upstream, registered.uuid).registration.localAccountName, 'Laboratory')
    const exchange = await findLatestSynchronization(branch.context.storage.db, registered.id)
    assert.equal(exchange?.state, 'applied')
    const events = await branch.context.storage.db('events').where({ local_account_id: registered.id, kind: 'account registered' })
    assert.deepEqual(
      events.map(event => [event.who, event.message]),
      [['ada', 'Laboratory was registered with Example Corp / Laboratory.']],
    )
  })

  it('brings certificates that openssl follows up to the licensing root, for 365 days', async () => {
    const { id, uuid } = await account('Laboratory')
    const { storage } = branch.context
    const authority = await storage.db('account_authorities').where({ local_account_id: id }).first()
    const identity = await getServerIdentity(storage.db)
    const tool = openSsl()
    try {
      tool.file('root.pem', readFileSync(upstream.ready.licensingRoot))
      tool.file('sub.pem', authority.sub_ca_certificates.join(''))
      tool.file('ca.pem', authority.account_ca_certificate)
      tool.file('chain.pem', authority.account_ca_certificate + authority.sub_ca_certificates.join(''))
      tool.file('signer.pem', authority.signing_certificate)
      tool.file('server.pem', identity.signingCertificate!)
      const at = ['-attime', String(upstream.clock.now().getTime() / 1000)]
      for (const [chain, leaf] of [
        ['sub.pem', 'ca.pem'],
        ['chain.pem', 'signer.pem'],
        ['sub.pem', 'server.pem'],
      ] as const) {
        const said = tool.run('verify', ...at, '-CAfile', 'root.pem', '-untrusted', chain, leaf)
        assert.ok(said.ok, said.text)
      }
      const subject = tool.run('x509', '-in', 'ca.pem', '-noout', '-subject', '-nameopt', 'RFC2253').text.trim()
      assert.equal(subject, `subject=serialNumber=${uuid},CN=On-Prem Account CA,O=Example Corp`)
      assert.match(
        tool.run('x509', '-in', 'server.pem', '-noout', '-subject', '-nameopt', 'RFC2253').text,
        new RegExp(`serialNumber=${identity.serverUuid},CN=Message Signer`),
      )
    } finally {
      tool.remove()
    }
    const days = (authority.certificates_end_at.getTime() - upstream.clock.now().getTime()) / 86_400_000
    assert.equal(days, 365)
    assert.equal((await branch.context.authority.of(id)).signer.certificate.subject.length, 1)
    assert.ok(await branch.context.authority.serverSigner())
  })

  it('lands what was bought in Default: what is in force counts, what begins later does not yet', async () => {
    const { id } = await account('Laboratory')
    const place = await findDefaultLocalVirtualAccount(branch.context.storage.db, id)
    const { advantage, essentials, throughput, security } = upstream.ready.tags
    const rows = await listAuthorizations(branch.context.storage.db, id, place!.id)
    assert.deepEqual(Object.fromEntries(rows.map(row => [row.tag, row.purchased])), {
      [advantage]: 50,
      [essentials]: 30,
      [throughput]: 100,
      [security]: 10,
    })
    const tags = await branch.context.storage.db('entitlement_tags')
    assert.equal(tags.length, 6)
    assert.equal(tags.find(tag => tag.tag === security).export_restricted, true)
    assert.equal((await branch.context.storage.db('entitlement_substitutions')).length, 3)
  })

  it('keeps no key in clear, and writes none anywhere', async () => {
    const { id } = await account('Laboratory')
    const dump = JSON.stringify([
      await branch.context.storage.db('account_authorities').where({ local_account_id: id }),
      await branch.context.storage.db('synchronizations').where({ local_account_id: id }),
      await branch.context.storage.db('cloud_credentials'),
      branch.context.logged,
    ])
    assert.doesNotMatch(dump, /PRIVATE KEY/)
    assert.ok(!dump.includes(upstream.ready.clientSecret))
    assert.ok(upstream.upward().every(text => !text.includes('PRIVATE KEY')))
  })

  it('keeps a copy of both containers, as the courier would carry them', () => {
    const [request] = upstream.upward()
    assert.equal(JSON.parse(request!).type, 'registration-request')
    const response = readFileSync(`${upstream.exchanges}/Laboratory-0.registration-response.json`, 'utf8')
    assert.equal(JSON.parse(payloadText(response)).type, 'registration-response')
  })

  it('makes a Virtual Account that is missing', async () => {
    const registered = await branch.register('Branch office')
    assert.equal(registered.virtualAccount.name, 'Branch office')
    assert.equal(registered.virtualAccount.id, '400003')
  })

  it('says that a Smart Account is not there, and goes on when the name is right', async () => {
    await assert.rejects(branch.register('Second site', { smartAccount: 'Exmaple Corp' }), {
      code: 'WRONG_ACCOUNT',
      message: 'There is no Smart Account Exmaple Corp in the cloud. Check its name.',
    })
    const waiting = await account('Second site')
    assert.equal(waiting.state, 'requested')
    const exchange = await findLatestSynchronization(branch.context.storage.db, waiting.id)
    assert.deepEqual([exchange?.state, exchange?.code], ['refused', 'WRONG_ACCOUNT'])
    const registered = await branch.register('Second site')
    assert.deepEqual([registered.id, registered.state], [waiting.id, 'registered'])
  })

  it('is refused a Virtual Account that is linked elsewhere, whoever asks', async () => {
    const inUse = { code: 'VIRTUAL_ACCOUNT_IN_USE', message: /is linked to the Local Account Laboratory of another registration/ }
    await assert.rejects(branch.register('Another', { virtualAccount: 'Laboratory' }), inUse)
    const other = await openBranch(upstream)
    await assert.rejects(other.register('Laboratory'), inUse)
    await other.close()
  })

  it('is refused a Virtual Account that holds products of its own', async () => {
    await upstream.database.write(db => setDirectProducts(db, createVirtualAccount(db, 100001, 'Direct', upstream.clock.now()).id, 3))
    await assert.rejects(branch.register('Direct'), { code: 'VIRTUAL_ACCOUNT_IN_USE', message: /holds 3 products/ })
  })

  it('is refused under a name that a registered account has, in whatever case', async () => {
    await assert.rejects(branch.register('LABORATORY'), { code: 'CONFLICT', field: 'name' })
    await assert.rejects(branch.register('  '), { code: 'INVALID', field: 'name' })
  })

  it('keeps one identity, however many servers start together', async () => {
    const other = await openBranch(upstream)
    const { storage, secrets, clock } = other.context
    await storage.db('server_identity').delete()
    const identities = await Promise.all([1, 2, 3].map(() => ensureServerIdentity(storage.db, secrets, clock.now())))
    assert.equal(new Set(identities.map(identity => identity.serverUuid)).size, 1)
    await other.close()
  })
})
