import assert from 'node:assert/strict'
import { type Certificate, readCertificate } from '../../src/pki/certificate.ts'
import { type Element, octets, oid, sequence, truth } from '../../src/pki/der.ts'
import { alternativeNames, isAnAuthority, signsCertificates, signsMessages } from '../../src/pki/extensions.ts'
import { type Issuer, issueCertificate, openIssuer } from '../../src/pki/issue.ts'
import { type KeyPair, makeP256Key } from '../../src/pki/keys.ts'
import type { Name } from '../../src/pki/names.ts'
import { type Purpose, verifyChain } from '../../src/pki/trustChain.ts'
import { day, later } from '../../src/rules/clock.ts'
import {
  makeTestAccount,
  makeTestBox,
  makeTestCloud,
  makeTestServerSigner,
  type TestAccount,
  type TestCloud,
} from '../support/authorities.ts'
import { openSsl } from '../support/openssl.ts'

const now = new Date('2026-03-01T12:00:00Z')
const holder: Name = [['CN', 'Message Signer']]
const untrusted = (sentence: RegExp) => ({ name: 'Refusal', code: 'UNTRUSTED_CERT', message: sentence })
const expired = (sentence: RegExp) => ({ name: 'Refusal', code: 'CERT_EXPIRED', message: sentence })

describe('a chain of certificates', () => {
  let cloud: TestCloud
  let account: TestAccount
  let key: KeyPair
  let root: Certificate
  let subCa: Certificate
  before(async () => {
    cloud = await makeTestCloud(now)
    account = await makeTestAccount(cloud, now)
    key = await makeP256Key()
    root = readCertificate(cloud.root.pem)
    subCa = readCertificate(cloud.subCa.pem)
  })

  type Wish = { issuer?: Issuer; subject?: Name; notBefore?: Date; notAfter?: Date; extensions?: Element[] }
  const issue = async ({ issuer = cloud.subIssuer, ...wish }: Wish) => {
    const usual = { subject: holder, publicKey: key.publicKey, notBefore: now, notAfter: later(now, 10 * day), extensions: [signsMessages] }
    return readCertificate((await issueCertificate({ ...usual, ...wish }, issuer)).pem)
  }
  const issuerOf = (certificate: Certificate) => openIssuer(certificate.pem, key.privateKey)
  const verify = (leaf: Certificate, purpose: Purpose = 'messageSigner', intermediates = [subCa], at = now) =>
    verifyChain(leaf, intermediates, [root], at, { purpose }).map(certificate => certificate.serial)

  it('is given from the certificate up to the root, in whatever order the issuers come', async () => {
    const chain = account.authority.chain.map(readCertificate)
    const leaf = readCertificate(account.signer.pem)
    const serials = [leaf, ...chain, root].map(certificate => certificate.serial)
    assert.deepEqual(verify(leaf, 'messageSigner', chain), serials)
    assert.deepEqual(verify(leaf, 'messageSigner', [...chain].reverse()), serials)
  })

  it('is refused when an issuer is missing, or leads to a root that is not ours', async () => {
    const other = await makeTestCloud(now)
    assert.throws(() => verify(readCertificate(account.signer.pem)), untrusted(/does not lead to a trusted root/))
    assert.throws(
      () => verify(readCertificate(other.signer.pem), 'cloudSigner', [readCertificate(other.subCa.pem)]),
      untrusted(/does not lead/),
    )
    assert.throws(() => verify(readCertificate(other.signer.pem), 'cloudSigner'), untrusted(/does not lead/))
  })

  it('does not end at a root that the sender brought along', async () => {
    const other = await makeTestCloud(now)
    const brought = [other.subCa.pem, other.root.pem].map(readCertificate)
    assert.throws(() => verify(readCertificate(other.signer.pem), 'cloudSigner', brought), untrusted(/does not lead/))
  })

  it('is refused when a byte of the certificate was changed', async () => {
    const leaf = await issue({})
    const forged = Buffer.from(leaf.der)
    forged[forged.indexOf('Message Signer')]! ^= 1
    assert.throws(() => verify(readCertificate(forged), 'cloudSigner'), untrusted(/does not lead/))
  })

  it('is held against the clock, to the second', async () => {
    const leaf = await issue({ notBefore: now, notAfter: later(now, day) })
    assert.throws(() => verify(leaf, 'messageSigner', [subCa], later(now, -1)), expired(/not valid before 2026-03-01T12:00:00/))
    assert.ok(verify(leaf, 'messageSigner', [subCa], now))
    assert.ok(verify(leaf, 'messageSigner', [subCa], later(now, day)))
    assert.throws(() => verify(leaf, 'messageSigner', [subCa], later(now, day + 1)), expired(/has expired on 2026-03-02T12:00:00/))
  })

  it('ends with the shortest-lived of its issuers', () => {
    const chain = account.authority.chain.map(readCertificate)
    const at = later(now, 366 * day)
    assert.throws(() => verify(readCertificate(account.accountCa.pem), 'authority', chain, at), expired(/'On-Prem Account CA' has expired/))
  })

  it('is refused below something that is no authority', async () => {
    const middle = await issue({ subject: [['CN', 'A product']] })
    const leaf = await issue({ issuer: issuerOf(middle) })
    assert.throws(() => verify(leaf, 'messageSigner', [middle, subCa]), untrusted(/'A product' is not an authority/))
  })

  it('is refused below an authority whose key must not sign certificates', async () => {
    const middle = await issue({ subject: [['CN', 'Odd CA']], extensions: [isAnAuthority(0), signsMessages] })
    const leaf = await issue({ issuer: issuerOf(middle) })
    assert.throws(() => verify(leaf, 'messageSigner', [middle, subCa]), untrusted(/key of 'Odd CA' must not sign certificates/))
  })

  it('is refused when more authorities follow than one allows', async () => {
    const first = await issue({ subject: [['CN', 'First CA']], extensions: [isAnAuthority(), signsCertificates] })
    const second = await issue({
      subject: [['CN', 'Second CA']],
      issuer: issuerOf(first),
      extensions: [isAnAuthority(), signsCertificates],
    })
    assert.ok(verify(await issue({ issuer: issuerOf(first) }), 'messageSigner', [first, subCa]))
    const leaf = await issue({ issuer: issuerOf(second) })
    assert.throws(
      () => verify(leaf, 'messageSigner', [second, first, subCa]),
      untrusted(/'Quartermaster Licensing Sub CA' must not have that many/),
    )
  })

  it('is refused when a certificate demands something that we do not know', async () => {
    const demand = sequence(oid('1.3.6.1.4.1.99999.1'), truth(), octets(Buffer.of(5, 0)))
    const leaf = await issue({ extensions: [signsMessages, demand] })
    assert.throws(() => verify(leaf), untrusted(/demands something/))
  })

  describe('is only good for what it was made for', () => {
    const kinds: Record<string, { make: () => Promise<[Certificate, Certificate[]]>; purpose: Purpose }> = {
      "an account's message signer": {
        make: async () => [readCertificate(account.signer.pem), account.authority.chain.map(readCertificate)],
        purpose: 'messageSigner',
      },
      "a server's signer": {
        make: async () => [readCertificate((await makeTestServerSigner(cloud, now, makeTestBox())).signingCertificate), [subCa]],
        purpose: 'messageSigner',
      },
      "the cloud's signer": { make: async () => [readCertificate(cloud.signer.pem), [subCa]], purpose: 'cloudSigner' },
      'an account CA': { make: async () => [readCertificate(account.accountCa.pem), [subCa]], purpose: 'authority' },
      "a product that calls itself 'Message Signer'": {
        make: async () => [
          await issue({ issuer: account.authority.issuer, extensions: [signsMessages, alternativeNames({ uris: ['urn:udi:A:B'] })] }),
          account.authority.chain.map(readCertificate),
        ],
        purpose: 'idCertificate',
      },
    }
    for (const [kind, { make, purpose }] of Object.entries(kinds)) {
      it(`${kind}: ${purpose}`, async () => {
        const [leaf, intermediates] = await make()
        assert.ok(verify(leaf, purpose, intermediates))
        const others = (['idCertificate', 'messageSigner', 'cloudSigner', 'authority'] as const).filter(other => other !== purpose)
        for (const other of others) assert.throws(() => verify(leaf, other, intermediates), { code: 'UNTRUSTED_CERT' }, other)
      })
    }
  })

  describe('made with openssl', () => {
    const openssl = openSsl()
    after(() => openssl.remove())

    const makeRoot = (...args: string[]) => {
      assert.ok(
        openssl.run('req', '-x509', '-nodes', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Another Root', '-days', '30', ...args)
          .ok,
      )
      return readCertificate(openssl.run('x509', '-in', 'ca.pem').text)
    }
    const makeLeaf = (...args: string[]) => {
      openssl.file('leaf.ext', 'keyUsage=critical,digitalSignature')
      openssl.run(
        'req',
        '-new',
        '-nodes',
        '-newkey',
        'rsa:2048',
        '-keyout',
        'leaf.key',
        '-out',
        'leaf.csr',
        '-subj',
        '/O=Elsewhere/CN=Message Signer',
      )
      openssl.run(
        'x509',
        '-req',
        '-in',
        'leaf.csr',
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-out',
        'leaf.pem',
        '-days',
        '10',
        '-extfile',
        'leaf.ext',
        ...args,
      )
      return readCertificate(openssl.run('x509', '-in', 'leaf.pem').text)
    }
    const check = (leaf: Certificate, anchor: Certificate) =>
      verifyChain(leaf, [], [anchor], later(leaf.notBefore, day), { purpose: 'messageSigner' })

    it('is as good as one of ours', () => {
      const anchor = makeRoot('-newkey', 'rsa:2048')
      assert.equal(check(makeLeaf(), anchor).length, 2)
    })

    it('is refused when it was signed with SHA-1', () => {
      const anchor = makeRoot('-newkey', 'rsa:2048')
      assert.throws(() => check(makeLeaf('-sha1'), anchor), untrusted(/'Message Signer' is signed with an algorithm that is not accepted/))
    })

    it('is refused below a key that is too small', () => {
      const anchor = makeRoot('-newkey', 'rsa:1024')
      assert.throws(() => check(makeLeaf(), anchor), untrusted(/'Another Root' has a key that is too weak/))
    })
  })
})

describe('a certificate', () => {
  it('is refused when it is none', () => {
    for (const text of ['', 'a poem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
      assert.throws(() => readCertificate(text), { name: 'Refusal', code: 'MALFORMED', field: 'certificate' })
    }
    assert.throws(() => readCertificate(Buffer.from('a poem')), { name: 'Refusal', code: 'MALFORMED' })
  })
})
