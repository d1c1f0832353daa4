import assert from 'node:assert/strict'
import { readCertificate } from '../../src/pki/certificate.ts'
import { issueIdCertificate, prepareIdCertificate } from '../../src/pki/idCertificate.ts'
import { openIssuer } from '../../src/pki/issue.ts'
import { makeP256Key, makeRsaKey } from '../../src/pki/keys.ts'
import { issueAccountCa } from '../../src/pki/licensingRoot.ts'
import { verifyChain } from '../../src/pki/trustChain.ts'
import { day, later } from '../../src/rules/clock.ts'
import {
  makeTestAccount,
  makeTestBox,
  makeTestCloud,
  makeTestServerSigner,
  type TestAccount,
  type TestCloud,
} from '../support/authorities.ts'
import { type OpenSsl, openSsl } from '../support/openssl.ts'

const now = new Date('2026-03-01T12:00:00Z')
const piid = '4d47df04-ae89-4df6-bc15-d17c1a3f153f'

describe('certificates of a Local Account', () => {
  let openssl: OpenSsl
  let cloud: TestCloud
  let account: TestAccount
  before(async () => {
    openssl = openSsl()
    cloud = await makeTestCloud(now)
    account = await makeTestAccount(cloud, now)
  })
  after(() => openssl.remove())

  const idCertificate = async (of: TestAccount, at = now) => {
    const { publicKey } = await makeP256Key()
    const subject = {
      publicKey,
      product: 'EX-R1000',
      productInstanceId: piid,
      udis: ['urn:udi:EX-R1000:FOX0000AAAA', 'urn:udi:EX-R1000:FOX0000BBBB'],
    }
    return issueIdCertificate(prepareIdCertificate(of.authority, subject, at))
  }
  /** What openssl says of a certificate below these issuers and our root, strictly by RFC 5280. */
  const verify = (pem: string, issuers: string[], at = now) => {
    openssl.file('root.pem', cloud.root.pem)
    openssl.file('issuers.pem', issuers.join(''))
    openssl.file('leaf.pem', pem)
    const time = String(at.getTime() / 1000)
    return openssl.run('verify', '-x509_strict', '-attime', time, '-CAfile', 'root.pem', '-untrusted', 'issuers.pem', 'leaf.pem').text
  }
  const text = (pem: string, ...args: string[]) => {
    openssl.file('shown.pem', pem)
    return openssl.run('x509', '-in', 'shown.pem', '-noout', ...args).text
  }

  it('lead from the ID certificate over the account CA and the sub CA to the root', async () => {
    assert.match(verify((await idCertificate(account)).pem, account.authority.chain), /leaf\.pem: OK/)
  })

  it('lead from the message signer to the root', () => {
    assert.match(verify(account.signer.pem, account.authority.chain), /leaf\.pem: OK/)
  })

  it('lead from the server signer and from the cloud signer over the sub CA to the root', async () => {
    const server = await makeTestServerSigner(cloud, now, makeTestBox())
    assert.match(verify(server.signingCertificate, server.subCaCertificates), /leaf\.pem: OK/)
    assert.match(text(server.signingCertificate, '-subject'), /^subject=CN = Message Signer, serialNumber = [0-9a-f-]{36}\n$/)
    assert.match(verify(cloud.signer.pem, [cloud.subCa.pem]), /leaf\.pem: OK/)
  })

  it('go on below an account CA that was issued again: same key and subject, another number, new dates', async () => {
    const nextYear = later(now, 300 * day)
    const id = await idCertificate(account, later(now, 200 * day))
    const again = await makeTestAccount(cloud, nextYear, account)
    assert.notEqual(again.accountCa.serial, account.accountCa.serial)
    assert.equal(text(again.accountCa.pem, '-subject', '-pubkey'), text(account.accountCa.pem, '-subject', '-pubkey'))
    assert.deepEqual(again.accountCa.notAfter, later(nextYear, 365 * day))
    const at = later(now, 400 * day)
    assert.match(verify(id.pem, account.authority.chain, at), /certificate has expired/)
    assert.match(verify(id.pem, again.authority.chain, at), /leaf\.pem: OK/)
    assert.match(verify(again.signer.pem, again.authority.chain, at), /leaf\.pem: OK/)
    const read = [...account.authority.chain, ...again.authority.chain].map(readCertificate)
    assert.equal(verifyChain(readCertificate(id.pem), read, [readCertificate(cloud.root.pem)], at, { purpose: 'idCertificate' }).length, 4)
  })

  it('do not lead to another account of the same server', async () => {
    const another = await makeTestAccount(cloud, now)
    const id = await idCertificate(account)
    assert.match(verify(id.pem, another.authority.chain), /unable to get local issuer certificate/)
    assert.throws(
      () =>
        verifyChain(readCertificate(id.pem), another.authority.chain.map(readCertificate), [readCertificate(cloud.root.pem)], now, {
          purpose: 'idCertificate',
        }),
      { code: 'UNTRUSTED_CERT' },
    )
  })

  it('lead straight to the root for three-tier agents, from the very same ID certificate', async () => {
    const { publicKey } = account.key
    const threeTier = await issueAccountCa(
      cloud.rootIssuer,
      { publicKey, organization: 'Example Corp', localAccountUuid: account.uuid },
      now,
    )
    assert.match(verify((await idCertificate(account)).pem, [threeTier.pem]), /leaf\.pem: OK/)
    assert.match(verify(account.signer.pem, [threeTier.pem]), /leaf\.pem: OK/)
  })

  it('cannot be stretched: an account CA has no authority below it', async () => {
    const key = await makeRsaKey()
    const below = await issueAccountCa(
      account.authority.issuer,
      { publicKey: key.publicKey, organization: 'x', localAccountUuid: 'x' },
      now,
    )
    const stretched = await makeIdBelow(below.pem)
    assert.match(verify(stretched.pem, [below.pem, ...account.authority.chain]), /path length constraint exceeded/)

    async function makeIdBelow(pem: string) {
      const authority = { ...account.authority, issuer: openIssuer(pem, key.privateKey), certificate: readCertificate(pem) }
      return idCertificate({ ...account, authority })
    }
  })

  it('say what the PKI profile says', async () => {
    assert.equal(text(cloud.root.pem, '-subject'), 'subject=CN = Quartermaster Licensing Root CA\n')
    assert.match(
      text(cloud.root.pem, '-ext', 'basicConstraints,keyUsage'),
      /critical\s+CA:TRUE\n[\s\S]*critical\s+Certificate Sign, CRL Sign/,
    )
    assert.match(text(cloud.root.pem, '-enddate'), /Mar {2}1 12:00:00 2051 GMT/)
    assert.match(text(cloud.subCa.pem, '-ext', 'basicConstraints'), /CA:TRUE, pathlen:1/)
    assert.match(text(cloud.subCa.pem, '-enddate'), /Mar {2}1 12:00:00 2036 GMT/)
    assert.match(text(account.accountCa.pem, '-ext', 'basicConstraints'), /CA:TRUE, pathlen:0/)
    assert.equal(
      text(account.accountCa.pem, '-subject'),
      `subject=O = Example Corp, CN = On-Prem Account CA, serialNumber = ${account.uuid}\n`,
    )
    assert.equal(text(account.signer.pem, '-subject'), 'subject=CN = Message Signer\n')
    assert.match(text(account.signer.pem, '-ext', 'keyUsage'), /critical\s+Digital Signature\n/)
  })

  it('name a product, its instance and its devices', async () => {
    const id = await idCertificate(account)
    assert.equal(text(id.pem, '-subject'), `subject=CN = EX-R1000, serialNumber = ${piid}, O = Example Corp\n`)
    assert.match(text(id.pem, '-ext', 'subjectAltName'), /URI:urn:udi:EX-R1000:FOX0000AAAA, URI:urn:udi:EX-R1000:FOX0000BBBB\n/)
    assert.match(text(id.pem, '-ext', 'keyUsage'), /critical\s+Digital Signature\n/)
    assert.match(text(id.pem, '-ext', 'authorityKeyIdentifier'), /Identifier: \n\s+([0-9A-F]{2}:){19}[0-9A-F]{2}\n$/)
    assert.deepEqual(id.notAfter, later(now, 365 * day))
    assert.equal(text(id.pem, '-serial'), `serial=${BigInt(id.serial).toString(16).toUpperCase().padStart(16, '0')}\n`)
  })
})
