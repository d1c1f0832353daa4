import assert from 'node:assert/strict'
import fc from 'fast-check'
import { makeCertificateRequest, readCertificateRequest } from '../../src/pki/certificateRequest.ts'
import { pemOf } from '../../src/pki/issue.ts'
import { makeP256Key, makeRsaKey, publicKeyHash } from '../../src/pki/keys.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { openSsl } from '../support/openssl.ts'

const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
const request = (der: Buffer) => pemOf('CERTIFICATE REQUEST', der)
const refused = (sentence: RegExp) => ({ name: 'Refusal', code: 'MALFORMED', field: 'csr', message: sentence })

describe('a certificate request', () => {
  const openssl = openSsl()
  after(() => openssl.remove())
  const opensslRequest = (...args: string[]) => {
    assert.ok(
      openssl.run('req', '-new', '-nodes', '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=a product/O=its maker', ...args).ok,
    )
    return openssl.run('req', '-in', 'request.pem').text
  }

  for (const [kind, make] of Object.entries({ 'RSA-2048': () => makeRsaKey(), 'P-256': makeP256Key })) {
    it(`of ours is right for openssl, and for us (${kind})`, async () => {
      const key = await make()
      const pem = await makeCertificateRequest(key, [['CN', 'On-Prem Account CA']])
      openssl.file('ours.pem', pem)
      assert.match(
        openssl.run('req', '-in', 'ours.pem', '-verify', '-noout', '-subject').text,
        /^subject=CN = On-Prem Account CA\n.*verify OK/,
      )
      const read = readCertificateRequest(pem)
      assert.ok(read.publicKey.equals(key.publicKey))
      assert.equal(read.publicKeyHash, publicKeyHash(key.publicKey))
    })
  }

  it('asks for the hosts of a browser certificate', async () => {
    openssl.file(
      'ours.pem',
      await makeCertificateRequest(await makeP256Key(), [['CN', 'licenses.example']], {
        hosts: ['licenses.example', '192.0.2.7', '2001:db8::7'],
      }),
    )
    assert.match(
      openssl.run('req', '-in', 'ours.pem', '-noout', '-text').text,
      /DNS:licenses.example, IP Address:192.0.2.7, IP Address:2001:DB8:0:0:0:0:0:7/,
    )
  })

  const accepted = {
    'RSA of 2,048 bits': ['-newkey', 'rsa:2048'],
    'RSA of 3,072 bits, SHA-512': ['-newkey', 'rsa:3072', '-sha512'],
    'P-256': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    'the old heading': ['-newkey', 'rsa:2048', '-newhdr'],
    'wishes for extensions': ['-newkey', 'rsa:2048', '-addext', 'subjectAltName=DNS:a.example', '-addext', 'keyUsage=digitalSignature'],
  }
  for (const [kind, args] of Object.entries(accepted)) {
    it(`of openssl is read: ${kind}`, () => {
      const pem = opensslRequest(...args)
      const modulus = openssl.run('req', '-in', 'request.pem', '-pubkey', '-noout').text
      assert.equal(readCertificateRequest(pem).publicKey.export({ type: 'spki', format: 'pem' }), modulus)
    })
  }

  const unwanted = {
    'RSA of 1,024 bits': [['-newkey', 'rsa:1024'], /2048 to 8192 bits/],
    'P-384': [['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], /P-256/],
    Ed25519: [['-newkey', 'ed25519'], /RSA or P-256/],
    'a signature with SHA-1': [['-newkey', 'rsa:2048', '-sha1'], /algorithm that is not accepted/],
    'a signature with PSS': [['-newkey', 'rsa:2048', '-sigopt', 'rsa_padding_mode:pss'], /algorithm that is not accepted/],
  } as const
  for (const [kind, [args, sentence]] of Object.entries(unwanted)) {
    it(`of openssl is refused: ${kind}`, () => {
      const pem = opensslRequest(...args)
      assert.throws(() => readCertificateRequest(pem), refused(sentence))
    })
  }

  it('is refused when another key signed it', async () => {
    const [ours, others] = [await makeRsaKey(), await makeRsaKey()]
    const pem = await makeCertificateRequest({ privateKey: others.privateKey, publicKey: ours.publicKey }, [['CN', 'a thief']])
    assert.throws(() => readCertificateRequest(pem), refused(/not signed with its own key/))
  })

  it('is refused beyond 8 KiB', () => {
    assert.throws(() => readCertificateRequest('A'.repeat(8193)), refused(/exceeds 8 KiB/))
  })

  it('is refused when it is something else', async () => {
    const der = derOf(await makeCertificateRequest(await makeP256Key(), [['CN', 'x']]))
    const texts = {
      nothing: '',
      'no PEM': 'a poem',
      'under another heading': pemOf('CERTIFICATE', der),
      twice: request(der) + request(der),
      'with something behind it': request(Buffer.concat([der, Buffer.of(0)])),
      'empty inside': request(Buffer.alloc(0)),
      'a deep nest': request(Buffer.from('30'.padEnd(4000, '80'), 'hex')),
    }
    for (const [what, text] of Object.entries(texts))
      assert.throws(() => readCertificateRequest(text), refused(/not a PKCS#10 request in PEM/), what)
  })

  it('whose bytes were changed, cut or made up is one refusal, whatever a parser stumbles over', async () => {
    const whole = [
      derOf(await makeCertificateRequest(await makeP256Key(), [['CN', 'x']])),
      derOf(await makeCertificateRequest(await makeRsaKey(), [['CN', 'x']])),
    ]
    const flipped = fc.tuple(fc.constantFrom(...whole), fc.nat(), fc.integer({ min: 1, max: 255 })).map(([der, place, change]) => {
      const bytes = Buffer.from(der)
      bytes[place % bytes.length]! ^= change
      return bytes
    })
    const cut = fc.tuple(fc.constantFrom(...whole), fc.nat()).map(([der, length]) => der.subarray(0, length % der.length))
    const invented = fc.uint8Array({ maxLength: 600 }).map(bytes => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.oneof(flipped, cut, invented), bytes => {
        assert.throws(
          () => readCertificateRequest(request(bytes)),
          error => error instanceof Refusal && error.code === 'MALFORMED' && error.field === 'csr',
        )
      }),
      { numRuns: 1000 },
    )
  })

  it('is refused as any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        assert.throws(() => readCertificateRequest(`-----BEGIN CERTIFICATE REQUEST-----\n${text}`), refused(/PEM/))
      }),
    )
  })
})
