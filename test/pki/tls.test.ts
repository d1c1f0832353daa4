import assert from 'node:assert/strict'
import { createServer, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { readCertificate } from '../../src/pki/certificate.ts'
import { type Credential, type Issuer, issueCertificate, openIssuer } from '../../src/pki/issue.ts'
import { makeP256Key, privateKeyPem } from '../../src/pki/keys.ts'
import { makeTlsCertificate, makeTlsRoot } from '../../src/pki/tlsCertificate.ts'
import { readTlsChain } from '../../src/pki/tlsChain.ts'
import { day, later } from '../../src/rules/clock.ts'
import { openSsl } from '../support/openssl.ts'

const uuid = '0b1d5f5e-6a1c-4a51-9d0e-1f7a8e0b2c3d'
const now = new Date()

describe('TLS certificates', () => {
  let root: Credential
  let issuer: Issuer
  let server: Credential
  before(async () => {
    root = await makeTlsRoot(uuid, now)
    issuer = openIssuer(root.pem, root.privateKey)
    server = await makeTlsCertificate(issuer, ['localhost', '127.0.0.1', '::1', 'licenses.example'], now)
  })

  it('are right for openssl', () => {
    const openssl = openSsl()
    openssl.file('root.pem', root.pem)
    openssl.file('server.pem', server.pem)
    for (const wanted of [
      ['-verify_hostname', 'licenses.example'],
      ['-verify_ip', '127.0.0.1'],
      ['-verify_ip', '::1'],
    ]) {
      assert.match(
        openssl.run('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', 'root.pem', ...wanted, 'server.pem').text,
        /OK/,
      )
    }
    assert.match(openssl.run('verify', '-CAfile', 'root.pem', '-verify_hostname', 'other.example', 'server.pem').text, /hostname mismatch/)
    openssl.remove()
  })

  it('stand behind a server that a client trusts by the root alone', async () => {
    const door = createServer({ key: privateKeyPem(server.privateKey), cert: server.pem }, (_, response) => response.end('welcome'))
    await new Promise<void>(ready => door.listen(0, '127.0.0.1', ready))
    const { port } = door.address() as AddressInfo
    const ask = (ca?: string) =>
      new Promise((resolve, reject) => {
        get({ host: '127.0.0.1', port, ca, agent: false }, response => response.on('data', resolve)).on('error', reject)
      })
    assert.equal(String(await ask(root.pem)), 'welcome')
    await assert.rejects(ask(), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
    await new Promise(closed => door.close(closed))
  })

  it("are P-256, live 397 days at most, and come from a root that bears the server's uuid", () => {
    const { publicKey, notBefore, notAfter } = readCertificate(server.pem)
    assert.equal(publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
    assert.ok(notAfter.getTime() - notBefore.getTime() <= 397 * day)
    assert.ok(notAfter > later(now, 390 * day))
    assert.deepEqual(readCertificate(root.pem).subject, [['CN', `Quartermaster TLS Root ${uuid}`]])
  })

  it('are found under every address they were made for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.ipV4(), fc.ipV6()), async address => {
        const { x509 } = readCertificate((await makeTlsCertificate(issuer, [address], now)).pem)
        assert.ok(x509.checkIP(address))
      }),
      { numRuns: 50 },
    )
  })

  describe('from elsewhere', () => {
    it('are taken with their issuers in any order, and put in the order in which they are sent', () => {
      for (const bundle of [server.pem + root.pem, root.pem + server.pem]) {
        const chain = readTlsChain(bundle, server.privateKey, now)
        assert.equal(chain.pem, server.pem + root.pem)
        assert.equal(chain.certificate.serial, server.serial)
      }
    })

    it('are refused without the certificate of the key', () => {
      assert.throws(() => readTlsChain('a poem', server.privateKey, now), { code: 'INVALID', message: /holds no certificate/ })
      assert.throws(() => readTlsChain(root.pem, server.privateKey, now), { code: 'INVALID', message: /belongs to the private key/ })
    })

    it('are refused outside their dates', () => {
      assert.throws(() => readTlsChain(server.pem, server.privateKey, later(now, 400 * day)), { code: 'CERT_EXPIRED' })
      assert.throws(() => readTlsChain(server.pem, server.privateKey, later(now, -day)), { code: 'CERT_EXPIRED' })
    })

    it('are refused when they name no host', async () => {
      const key = await makeP256Key()
      const draft = {
        subject: [['CN', 'licenses.example']] as const,
        publicKey: key.publicKey,
        notBefore: now,
        notAfter: later(now, day),
        extensions: [],
      }
      const { pem } = await issueCertificate(draft, issuer)
      assert.throws(() => readTlsChain(pem, key.privateKey, later(now, 1000)), { code: 'INVALID', message: /names no host/ })
    })
  })
})
