import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import {
  makeP256Key,
  makeRsaKey,
  privateKeyPem,
  publicKeyDer,
  publicKeyHash,
  publicKeyPem,
  readPrivateKey,
  readPublicKey,
} from '../../src/pki/keys.ts'
import { openSsl } from '../support/openssl.ts'

describe('keys', () => {
  const openssl = openSsl()
  after(() => openssl.remove())

  for (const [kind, make] of Object.entries({ 'RSA-2048': () => makeRsaKey(), 'P-256': makeP256Key })) {
    it(`come back from PEM as they went in (${kind})`, async () => {
      const { privateKey, publicKey } = await make()
      assert.ok(readPrivateKey(privateKeyPem(privateKey)).equals(privateKey))
      assert.ok(readPublicKey(publicKeyPem(publicKey)).equals(publicKey))
      assert.ok(readPublicKey(publicKeyDer(publicKey)).equals(publicKey))
    })

    it(`are named by the SHA-256 that openssl computes too (${kind})`, async () => {
      const { privateKey, publicKey } = await make()
      openssl.file('key.pem', privateKeyPem(privateKey))
      assert.ok(openssl.run('pkey', '-in', 'key.pem', '-pubout', '-outform', 'DER', '-out', 'spki.der').ok)
      assert.match(openssl.run('dgst', '-sha256', 'spki.der').text, new RegExp(`= ${publicKeyHash(publicKey)}`))
      assert.equal(publicKeyHash(publicKey), createHash('sha256').update(publicKeyDer(publicKey)).digest('hex'))
    })
  }

  const unwanted = {
    'RSA of 1,024 bits': [generateKeyPairSync('rsa', { modulusLength: 1024 }), /2048 to 8192 bits/],
    'P-384': [generateKeyPairSync('ec', { namedCurve: 'P-384' }), /P-256/],
    secp256k1: [generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), /P-256/],
    Ed25519: [generateKeyPairSync('ed25519'), /RSA or P-256/],
    'RSA for PSS alone': [generateKeyPairSync('rsa-pss', { modulusLength: 2048 }), /RSA or P-256/],
  } as const
  for (const [kind, [pair, sentence]] of Object.entries(unwanted)) {
    it(`are refused when nobody here signs with them: ${kind}`, () => {
      const { privateKey, publicKey } = pair as ReturnType<typeof generateKeyPairSync>
      assert.throws(() => readPublicKey(publicKeyPem(publicKey)), { name: 'Refusal', code: 'MALFORMED', message: sentence })
      assert.throws(() => readPrivateKey(privateKeyPem(privateKey)), { name: 'Refusal', code: 'MALFORMED', message: sentence })
    })
  }

  it('are refused when they are no keys', () => {
    assert.throws(() => readPublicKey('a poem'), { name: 'Refusal', code: 'MALFORMED' })
    assert.throws(() => readPublicKey(Buffer.from('a poem')), { name: 'Refusal', code: 'MALFORMED' })
    assert.throws(() => readPrivateKey('a poem'), { name: 'Refusal', code: 'MALFORMED' })
  })
})
