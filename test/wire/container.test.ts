import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes, sign as signWith, verify } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import {
  ContainerFault,
  type FileCode,
  LARGEST_FILE,
  openContainer,
  readPayload,
  sealContainer,
  sealPayloadBytes,
} from '../../src/wire/container.ts'
import { awkwardText } from './texts.ts'

const sign = () => Buffer.from('signed')
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const base64url = (value: string | Buffer) => Buffer.from(value as string).toString('base64url')

/** A container written by hand: every part may be wrong. */
function file(change: { outer?: object; header?: object; payload?: Buffer } = {}): Buffer {
  const header = { alg: 'RS256', typ: 'sync-request', cty: 'application/json+gzip', kid: '4', x5c: ['AAAA'], ...change.header }
  const payload = change.payload ?? gzipSync('{"type":"sync-request"}')
  return Buffer.from(
    JSON.stringify({
      format: 'slx/1',
      protected: base64url(JSON.stringify(header)),
      payload: base64url(payload),
      signature: base64url('signed'),
      ...change.outer,
    }),
  )
}

async function refuses(code: FileCode, act: () => unknown) {
  await assert.rejects(
    async () => act(),
    (error: ContainerFault) => error instanceof ContainerFault && error.code === code,
    code,
  )
}

describe('a container', () => {
  it('gives back what was sealed into it, and the hash of its gzip bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(awkwardText), async hostnames => {
        const sealed = await sealContainer({ typ: 'sync-request', kid: '4', x5c: ['AAAA', 'BBBB'], payload: { hostnames } }, sign)
        const opened = openContainer(Buffer.from(sealed.text))
        assert.deepEqual(opened.header, { alg: 'RS256', typ: 'sync-request', kid: '4', x5c: ['AAAA', 'BBBB'] })
        assert.equal(opened.payloadHash, sealed.payloadHash)
        assert.equal(opened.payloadHash, sha256(opened.payloadBytes))
        assert.deepEqual(await readPayload(opened), { hostnames })
      }),
    )
  })

  it('is signed over protected and payload as they stand in the file', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const { text } = await sealContainer({ typ: 'sync-response', kid: '7', payload: { a: 1 } }, data =>
      signWith('sha256', data, privateKey),
    )
    const parts = JSON.parse(text)
    const opened = openContainer(Buffer.from(text))
    assert.equal(opened.signedData.toString(), `${parts.protected}.${parts.payload}`)
    assert.ok(verify('sha256', opened.signedData, publicKey, opened.signature))
    const swapped = openContainer(Buffer.from(JSON.stringify({ ...parts, payload: base64url(gzipSync('{"a":2}')) })))
    assert.equal(verify('sha256', swapped.signedData, publicKey, swapped.signature), false)
  })

  it('that somebody else wrote is read, without kid or x5c', async () => {
    const opened = openContainer(file({ header: { kid: undefined, x5c: null, typ: 'registration-request' } }))
    assert.deepEqual(opened.header, { alg: 'RS256', typ: 'registration-request', kid: null, x5c: [] })
    assert.deepEqual(await readPayload(opened), { type: 'sync-request' })
    assert.deepEqual(opened.signature, Buffer.from('signed'))
  })

  it('may be sealed around a payload that was compressed elsewhere', async () => {
    const payloadBytes = gzipSync('{"type":"sync-request"}')
    const { text, payloadHash } = await sealPayloadBytes({ typ: 'sync-request', kid: '4', payloadBytes }, sign)
    assert.ok(openContainer(Buffer.from(text)).payloadBytes.equals(payloadBytes))
    assert.equal(payloadHash, sha256(payloadBytes))
  })

  it('is not made when it would be larger than a file may be', async () => {
    const payloadBytes = Buffer.alloc(0.75 * LARGEST_FILE)
    await assert.rejects(sealPayloadBytes({ typ: 'sync-request', kid: '4', payloadBytes }, sign), ContainerFault)
  })
})

describe('a container that is refused', () => {
  it('holds more than a few members before its signature held', async () => {
    await refuses('FILE_MALFORMED', () => openContainer(file({ outer: { more: Array(300).fill(0) } })))
    await refuses('FILE_MALFORMED', () => openContainer(file({ header: { more: Array(300).fill(0) } })))
  })

  it('is larger than 64 MiB', () => refuses('FILE_TOO_LARGE', () => openContainer(Buffer.alloc(LARGEST_FILE + 1, 0x20))))

  const cases: [string, FileCode, Buffer][] = [
    ['is no JSON', 'FILE_MALFORMED', Buffer.from('PK\u0003\u0004')],
    ['is no object', 'FILE_MALFORMED', Buffer.from('[]')],
    ['is not UTF-8', 'FILE_MALFORMED', Buffer.from([0xff])],
    ['has a member twice', 'FILE_MALFORMED', Buffer.from(file().toString().replace('{', '{"format":"slx/1",'))],
    ['names no format', 'FILE_MALFORMED', Buffer.from('{}')],
    ['has another format', 'UNSUPPORTED_VERSION', file({ outer: { format: 'slx/2' } })],
    ['has no signature', 'FILE_MALFORMED', file({ outer: { signature: undefined } })],
    ['has a payload that is not base64url', 'FILE_MALFORMED', file({ outer: { payload: 'a+b/' } })],
    ['has a header that is no JSON', 'FILE_MALFORMED', file({ outer: { protected: base64url('{') } })],
    ['has a header without a type', 'FILE_MALFORMED', file({ header: { typ: undefined } })],
    ['is of no known type', 'WRONG_TYPE', file({ header: { typ: 'backup' } })],
    ['has another content', 'UNSUPPORTED_VERSION', file({ header: { cty: 'application/json' } })],
    ['needs an extension', 'UNSUPPORTED_VERSION', file({ header: { crit: ['exp'] } })],
    ['is not signed', 'BAD_SIGNATURE', file({ header: { alg: 'none' } })],
    ['is signed with a shared secret', 'BAD_SIGNATURE', file({ header: { alg: 'HS256' } })],
    ['is signed with another algorithm', 'BAD_SIGNATURE', file({ header: { alg: 'PS256' } })],
    ['brings its own key', 'BAD_SIGNATURE', file({ header: { jwk: { kty: 'RSA' } } })],
    ['points to its key', 'BAD_SIGNATURE', file({ header: { jku: 'https://example.com' } })],
    ['points to its certificate', 'BAD_SIGNATURE', file({ header: { x5u: 'https://example.com' } })],
    ['has too many certificates', 'FILE_MALFORMED', file({ header: { x5c: Array(9).fill('AAAA') } })],
  ]
  for (const [what, code, bytes] of cases) it(what, () => refuses(code, () => openContainer(bytes)))

  it('never breaks, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map(text => Buffer.from(text)),
        ),
        async bytes => {
          await assert.rejects(async () => openContainer(bytes), ContainerFault)
        },
      ),
    )
  })
})

describe('a payload that is refused', () => {
  const read = (payload: Buffer) => () => readPayload(openContainer(file({ payload })))

  it('is no gzip, or cut short', async () => {
    await refuses('FILE_MALFORMED', read(Buffer.from('{}')))
    await refuses('FILE_MALFORMED', read(Buffer.alloc(0)))
    await refuses('FILE_MALFORMED', read(gzipSync('{"type":"sync-request"}').subarray(0, -9)))
  })

  it('is no strict JSON', async () => {
    for (const json of ['{', '{"a":1,"a":2}', '{"__proto__":{}}', '['.repeat(33) + ']'.repeat(33), '\ufeff{}']) {
      await refuses('FILE_MALFORMED', read(gzipSync(json)))
    }
    await refuses('FILE_MALFORMED', read(gzipSync(Buffer.from([0x22, 0xff, 0x22]))))
  })

  it('inflates to more than 200 times its size', async () => {
    const steep = gzipSync(`"${' '.repeat(1_000_000)}"`)
    assert.ok(gunzipSync(steep).length / steep.length > 200)
    await refuses('FILE_TOO_LARGE', read(steep))
  })

  it('is a bomb, and is let go before its end is reached', async () => {
    const megabyte = gzipSync(Buffer.concat([Buffer.alloc(2 ** 20 - 2 ** 13), randomBytes(2 ** 13)]))
    assert.ok(2 ** 20 / megabyte.length < 150, 'the ratio alone does not stop it')
    const broken = gzipSync('{"a":1}').subarray(0, -9)
    await refuses('FILE_MALFORMED', read(Buffer.concat([gzipSync('{"a":1}'), broken])))
    await refuses('FILE_TOO_LARGE', read(Buffer.concat([...Array<Buffer>(260).fill(megabyte), broken])))
  })
})
