import assert from 'node:assert/strict'
import { distrustAuthority } from '../../src/administration/network/distrustAuthority.ts'
import { readWay } from '../../src/administration/network/readWay.ts'
import { setProxy } from '../../src/administration/network/setProxy.ts'
import { trustAuthorities } from '../../src/administration/network/trustAuthorities.ts'
import { authorityAlertKind, watchTrustStore } from '../../src/administration/network/watchTrustStore.ts'
import { privateKeyPem } from '../../src/pki/keys.ts'
import { day, hour, later } from '../../src/rules/clock.ts'
import { listTrustedAuthorities } from '../../src/storage/trustedAuthorities.ts'
import { administrator } from '../support/account.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openSsl } from '../support/openssl.ts'
import { makeTestAuthority } from '../support/tlsPeer.ts'

describe('the way to the cloud, set by an administrator', () => {
  let database: TestDatabase
  let clock: TestClock
  let context: TestContext
  before(async () => {
    database = await createTestDatabase()
  })
  after(() => database?.drop())
  beforeEach(async () => {
    clock = testClock()
    context = testContext(database.storage, clock)
    for (const table of ['settings', 'trusted_authorities', 'events']) await database.storage.db(table).delete()
  })
  const told = async () => (await database.storage.db('events').orderBy('id')).map(({ message }) => message)

  describe('its proxy', () => {
    const address = 'http://proxy.example.com:3128'
    const known = { address, user: 'courier', password: 'not-for_the.log' }

    it('is none at first, then what is set, then none', async () => {
      assert.equal((await readWay(context)).proxy, null)
      await setProxy(context, administrator, { ...known, without: ['example.com'] })
      const parts = { scheme: 'http', host: 'proxy.example.com', port: 3128 }
      assert.deepEqual((await readWay(context)).proxy, { ...parts, user: 'courier', password: known.password, without: ['example.com'] })
      await setProxy(context, administrator, null)
      assert.equal((await readWay(context)).proxy, null)
      assert.deepEqual(await told(), [
        'The server now goes to the cloud through the proxy http://proxy.example.com:3128 as courier; not to example.com.',
        'The server now goes to the cloud without a proxy.',
      ])
    })

    it('keeps its password sealed, and gone when it is gone', async () => {
      await setProxy(context, administrator, known)
      const dump = async () => JSON.stringify([await database.storage.db('settings'), await database.storage.db('events'), context.logged])
      assert.ok(!(await dump()).includes(known.password))
      await setProxy(context, administrator, { address })
      assert.deepEqual((await database.storage.db('settings').first()).secret, null)
    })

    it('keeps its password for the same user of the same proxy, and for nobody else', async () => {
      await setProxy(context, administrator, known)
      await setProxy(context, administrator, { address, user: 'courier', without: ['lab.test'] })
      assert.equal((await readWay(context)).proxy?.password, known.password)
      const needed = { code: 'INVALID', field: 'password' }
      await assert.rejects(setProxy(context, administrator, { address: 'http://evil.example.com:3128', user: 'courier' }), needed)
      await assert.rejects(setProxy(context, administrator, { address: 'http://proxy.example.com:3129', user: 'courier' }), needed)
      await assert.rejects(setProxy(context, administrator, { address, user: 'another' }), needed)
      await assert.rejects(setProxy(context, administrator, { address, password: 'x' }), { code: 'INVALID', field: 'user' })
      await assert.rejects(setProxy(context, administrator, { address: 'proxy.example.com' }), { code: 'INVALID', field: 'address' })
      assert.equal((await readWay(context)).proxy?.password, known.password, 'what was refused changed nothing')
    })
  })

  describe('its trust store', () => {
    const tool = openSsl()
    after(() => tool.remove())
    const made = async (name: string) => (await makeTestAuthority(name, clock.now())).root.pem
    /** A certificate that openssl makes, by its own options. */
    function certificate(name: string, ...options: string[]): string {
      const said = tool.run('req', '-x509', '-noenc', '-keyout', 'key.pem', '-out', 'made.pem', '-subj', `/CN=${name}`, ...options)
      assert.ok(said.ok, said.text)
      return tool.run('x509', '-in', 'made.pem').text
    }

    it('takes one or many in a text with other words, and shows until when they hold', async () => {
      const [one, two] = [await made('one'), await made('two')]
      assert.deepEqual(await trustAuthorities(context, administrator, `Our authorities:\r\n${one}and\n${two}`), { added: 2, known: 0 })
      assert.deepEqual(await trustAuthorities(context, administrator, one), { added: 0, known: 1 })
      const [first] = await listTrustedAuthorities(database.storage.db)
      assert.equal(first?.name, 'Quartermaster TLS Root one')
      assert.equal(first.issuer, first.name)
      assert.equal(first.notAfter.getUTCFullYear(), clock.now().getUTCFullYear() + 10)
      tool.file('one.pem', one)
      const said = tool.run('x509', '-in', 'one.pem', '-noout', '-fingerprint', '-sha256').text
      assert.equal(first.fingerprint, said.split('=')[1]!.trim().replaceAll(':', '').toLowerCase())
      assert.equal((await readWay(context)).authorities.length, 2)
    })

    it('takes those of other makers, with whatever good key', async () => {
      for (const key of [['rsa:3072'], ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], ['ed25519']]) {
        clock.set(later(new Date(), hour))
        const pem = certificate(key.at(-1)!.replace(/.*:/, 'Corp '), '-newkey', ...key, '-addext', 'keyUsage=critical,keyCertSign,cRLSign')
        assert.equal((await trustAuthorities(context, administrator, pem)).added, 1, key.join(' '))
      }
    })

    it('is watched: an alert grows as an authority ends, and goes with the authority', async () => {
      await trustAuthorities(context, administrator, `${await made('kept')}${await made('replaced')}`)
      const [kept, replaced] = await listTrustedAuthorities(database.storage.db)
      const alerts = async () => {
        await database.storage.transaction(tx => watchTrustStore(tx, clock.now()))
        const open = await database.storage.db('alerts').where({ kind: authorityAlertKind }).whereNull('cleared_at')
        return open.map(({ subject, severity }) => [subject, severity]).sort()
      }
      const of = (severity: string, ...authorities: (typeof kept)[]) => authorities.map(each => [each!.fingerprint, severity]).sort()
      assert.deepEqual(await alerts(), [])
      clock.set(later(kept!.notAfter, -30 * day))
      assert.deepEqual(await alerts(), of('minor', kept, replaced))
      clock.set(later(kept!.notAfter, -3 * day))
      assert.deepEqual(await alerts(), of('major', kept, replaced))
      await distrustAuthority(context, administrator, replaced!.fingerprint)
      clock.set(later(kept!.notAfter, day))
      assert.deepEqual(await alerts(), of('critical', kept))
    })

    it('loses one, by its fingerprint', async () => {
      await trustAuthorities(context, administrator, await made('one'))
      const [one] = await listTrustedAuthorities(database.storage.db)
      const colons = one!.fingerprint.toUpperCase().match(/../g)!.join(':')
      assert.equal(await distrustAuthority(context, administrator, colons), one!.name)
      assert.deepEqual((await readWay(context)).authorities, [])
      await assert.rejects(distrustAuthority(context, administrator, one!.fingerprint), { code: 'NOT_FOUND' })
      assert.deepEqual(await told(), [
        'The authority Quartermaster TLS Root one was taken into the trust store.',
        'The authority Quartermaster TLS Root one was taken out of the trust store.',
      ])
    })

    it('refuses what is none, names it, and takes nothing of the text', async () => {
      const authority = await makeTestAuthority('good', clock.now())
      const good = authority.root.pem
      const leaf = (await authority.certify(['server.example'], clock.now())).certificate
      const refused = (text: string, message: RegExp) =>
        assert.rejects(trustAuthorities(context, administrator, text), { code: 'INVALID', field: 'certificates', message })
      await refused('', /no certificate in PEM/)
      await refused('-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----', /^The certificate cannot be read/)
      await refused(good + leaf, /^Certificate 2 \(server\.example\) is not that of an authority/)
      await refused(good + privateKeyPem(authority.root.privateKey), /private key/)
      await refused(good.repeat(201), /more than 200/)
      await refused(good + 'x'.repeat(300_000), /more than 192 KiB/)
      await refused(
        good + (await makeTestAuthority('later', new Date(clock.now().getTime() + 2 * day))).root.pem,
        /^Certificate 2 .* is not valid before/,
      )
      const old = (await makeTestAuthority('old', new Date(clock.now().getTime() - 3660 * day))).root.pem
      await refused(old, /\(Quartermaster TLS Root old\) expired on \d{4}-/)
      clock.set(later(new Date(), hour))
      await refused(certificate('weak', '-newkey', 'rsa:1024'), /\(weak\) has a key of 1024 bits/)
      await refused(
        certificate('no signer', '-newkey', 'rsa:2048', '-addext', 'keyUsage=critical,digitalSignature'),
        /not that of an authority/,
      )
      assert.deepEqual(await listTrustedAuthorities(database.storage.db), [])
    })
  })
})
