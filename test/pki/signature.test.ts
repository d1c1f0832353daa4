import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { makeP256Key, makeRsaKey, privateKeyPem, publicKeyPem } from '../../src/pki/keys.ts'
import { joseAlgorithm, sign, signJose, signNow, verify, verifyJose, verifyNow } from '../../src/pki/signature.ts'
import { openSsl } from '../support/openssl.ts'

const message = '{"header":{"version":"1.3","locale":"en_US.UTF-8","request_type":"POLL","nonce":"1"},"nonce":"1","request_data":"{}"}'

describe('signatures', () => {
  const openssl = openSsl()
  after(() => openssl.remove())

  for (const [kind, make] of Object.entries({ 'RSA-2048': () => makeRsaKey(), 'P-256': makeP256Key })) {
    describe(`with ${kind}`, () => {
      it('that we make are right for openssl', async () => {
        const { privateKey, publicKey } = await make()
        openssl.file('message', message)
        openssl.file('public.pem', publicKeyPem(publicKey))
        for (const signature of [await sign(privateKey, message), signNow(privateKey, message)]) {
          openssl.file('signature', signature)
          assert.match(openssl.run('dgst', '-sha256', '-verify', 'public.pem', '-signature', 'signature', 'message').text, /Verified OK/)
        }
      })

      it('that openssl makes are right for us', async () => {
        const { privateKey, publicKey } = await make()
        openssl.file('message', message)
        openssl.file('private.pem', privateKeyPem(privateKey))
        const { text } = openssl.run('dgst', '-sha256', '-sign', 'private.pem', '-hex', 'message')
        const signature = Buffer.from(text.trim().split('= ')[1]!, 'hex')
        assert.equal(await verify(publicKey, message, signature), true)
        assert.equal(verifyNow(publicKey, Buffer.from(message), signature), true)
      })

      it('are wrong over other bytes, under another key, and when they are no signatures at all', async () => {
        const [ours, another] = [await make(), await make()]
        const signature = await sign(ours.privateKey, message)
        assert.equal(await verify(ours.publicKey, `${message} `, signature), false)
        assert.equal(await verify(another.publicKey, message, signature), false)
        await fc.assert(
          fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async garbage => {
            assert.equal(await verify(ours.publicKey, message, garbage), false)
            assert.equal(verifyNow(ours.publicKey, message, garbage), false)
          }),
          { numRuns: 50 },
        )
      })

      it('go into a container and are checked against its alg', async () => {
        const { privateKey, publicKey } = await make()
        const signature = await signJose(privateKey, message)
        const right = joseAlgorithm(privateKey)
        assert.equal(await verifyJose(right, publicKey, message, signature), true)
        for (const alg of ['none', 'HS256', right === 'RS256' ? 'ES256' : 'RS256']) {
          assert.equal(await verifyJose(alg, publicKey, message, signature), false)
        }
      })
    })
  }

  it('are two numbers of 32 bytes in a container of P-256, and 256 bytes of RSA-2048', async () => {
    assert.equal((await signJose((await makeP256Key()).privateKey, message)).length, 64)
    assert.equal((await signJose((await makeRsaKey()).privateKey, message)).length, 256)
  })

  it('are a fault of ours with a key of another kind', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    assert.throws(() => signNow(privateKey, message), /ed25519/)
  })
})
