import assert from 'node:assert/strict'
import { type AuthorityRecord, openAuthority, openKey, type ServerSignerRecord, sealKey } from '../../src/pki/authority.ts'
import { makeP256Key } from '../../src/pki/keys.ts'
import { issueAccountCa } from '../../src/pki/licensingRoot.ts'
import { sign, verify } from '../../src/pki/signature.ts'
import {
  makeTestAccount,
  makeTestBox,
  makeTestCloud,
  makeTestServerSigner,
  type TestAccount,
  type TestCloud,
} from '../support/authorities.ts'

const now = new Date('2026-03-01T12:00:00Z')

describe('the authority', () => {
  const secrets = makeTestBox()
  let cloud: TestCloud
  let account: TestAccount
  before(async () => {
    cloud = await makeTestCloud(now)
    account = await makeTestAccount(cloud, now)
  })

  const recordOf = ({ key, signingKey, record }: TestAccount): AuthorityRecord => ({
    ...record,
    accountCaKey: sealKey(secrets, key.privateKey, 'account CA key'),
    signingKey: sealKey(secrets, signingKey.privateKey, 'account signing key'),
  })
  /** An authority over these records, and the list of what it asked for. */
  const authorityOver = (records: Map<number, AuthorityRecord>, server?: ServerSignerRecord) => {
    const asked: (number | 'server')[] = []
    const load = async (id: number) => {
      asked.push(id)
      return records.get(id)
    }
    const loadServerSigner = async () => {
      asked.push('server')
      return server
    }
    return { asked, authority: openAuthority(secrets, { load, loadServerSigner }) }
  }

  it("signs an account's messages with the key of its signer's certificate", async () => {
    const { authority } = authorityOver(new Map([[7, recordOf(account)]]))
    const { signer, localAccountId, certificate, chain } = await authority.of(7)
    assert.equal(localAccountId, 7)
    assert.equal(signer.serial, account.signer.serial)
    assert.equal(certificate.serial, account.accountCa.serial)
    assert.ok(await verify(signer.certificate.publicKey, 'a reply', await sign(signer.privateKey, 'a reply')))
    assert.deepEqual(chain, [account.accountCa.pem, cloud.subCa.pem])
    assert.deepEqual(await authority.chain(7), chain)
    assert.deepEqual(signer.chain, chain)
  })

  it('opens an account once, however many ask at once', async () => {
    const { authority, asked } = authorityOver(new Map([[7, recordOf(account)]]))
    await Promise.all([authority.of(7), authority.find(7), authority.chain(7)])
    await authority.of(7)
    assert.deepEqual(asked, [7])
  })

  it('opens it again after a synchronization', async () => {
    const records = new Map([[7, recordOf(account)]])
    const { authority } = authorityOver(records)
    await authority.of(7)
    const again = await makeTestAccount(cloud, now, account)
    records.set(7, recordOf(again))
    assert.equal((await authority.of(7)).certificate.serial, account.accountCa.serial)
    authority.forget(7)
    assert.equal((await authority.of(7)).certificate.serial, again.accountCa.serial)
  })

  it('does not keep what was being loaded while it had to forget', async () => {
    const waiting: ((record: AuthorityRecord) => void)[] = []
    const load = () => new Promise<AuthorityRecord>(resolve => waiting.push(resolve))
    const authority = openAuthority(secrets, { load, loadServerSigner: async () => undefined })
    const early = authority.of(7)
    authority.forget(7)
    const late = authority.of(7)
    const again = await makeTestAccount(cloud, now, account)
    waiting[1]!(recordOf(again))
    waiting[0]!(recordOf(account))
    assert.equal((await early).certificate.serial, account.accountCa.serial)
    assert.equal((await late).certificate.serial, again.accountCa.serial)
    assert.equal((await authority.of(7)).certificate.serial, again.accountCa.serial)
  })

  it('has nothing for an account that is not registered, and finds it as soon as it is', async () => {
    const records = new Map<number, AuthorityRecord>()
    const { authority } = authorityOver(records)
    assert.equal(await authority.find(7), undefined)
    await assert.rejects(authority.of(7), { name: 'Refusal', code: 'NOT_FOUND' })
    await assert.rejects(authority.chain(7), { code: 'NOT_FOUND' })
    records.set(7, recordOf(account))
    assert.equal((await authority.of(7)).localAccountId, 7)
  })

  it('asks again after the database failed', async () => {
    let fails = true
    const load = async () => {
      if (fails) throw new Error('The database is away')
      return recordOf(account)
    }
    const authority = openAuthority(secrets, { load, loadServerSigner: async () => undefined })
    await assert.rejects(authority.of(7), /The database is away/)
    fails = false
    assert.equal((await authority.of(7)).localAccountId, 7)
  })

  it('answers with the server signer, once there is one', async () => {
    assert.equal(await authorityOver(new Map()).authority.serverSigner(), undefined)
    const record = await makeTestServerSigner(cloud, now, secrets)
    const signer = await authorityOver(new Map(), record).authority.serverSigner()
    assert.equal(signer?.certificate.pem, record.signingCertificate)
    assert.deepEqual(signer?.chain, [cloud.subCa.pem])
  })

  it('has a second chain for three-tier agents when the cloud has signed it', async () => {
    const { publicKey } = account.key
    const { pem } = await issueAccountCa(cloud.rootIssuer, { publicKey, organization: 'Example Corp', localAccountUuid: account.uuid }, now)
    const records = new Map([
      [7, recordOf(account)],
      [8, { ...recordOf(account), threeTierCertificate: pem }],
    ])
    const { authority } = authorityOver(records)
    assert.equal((await authority.of(7)).threeTierChain, undefined)
    assert.deepEqual((await authority.of(8)).threeTierChain, [pem])
  })

  it('refuses a key that does not belong to its certificate', async () => {
    const { privateKey } = await makeP256Key()
    const mixed = { ...recordOf(account), signingKey: sealKey(secrets, privateKey, 'account signing key') }
    await assert.rejects(authorityOver(new Map([[7, mixed]])).authority.of(7), { code: 'INVALID', message: /does not belong/ })
  })

  it('opens a sealed key for its own purpose alone', async () => {
    const { privateKey } = await makeP256Key()
    const sealed = sealKey(secrets, privateKey, 'TLS key')
    assert.ok(openKey(secrets, sealed, 'TLS key').equals(privateKey))
    assert.throws(() => openKey(secrets, sealed, 'account CA key'))
  })
})
