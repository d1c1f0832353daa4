import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { readTokenText } from '../../src/licensing/tokenText.ts'
import { readCertificateRequest } from '../../src/pki/certificateRequest.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { decodeBase64, decodeBase64Url } from '../../src/wire/base64.ts'
import { SoapFault, soapFault, unwrapCallHome, wrapCallHomeReply } from '../../src/wire/callHome.ts'
import { ContainerFault, openContainer, readPayload } from '../../src/wire/container.ts'
import { openRequest, openResponse, refuseUnequalNonces, requestTypeOf, versionIsKnown } from '../../src/wire/envelope.ts'
import { inflate } from '../../src/wire/gzip.ts'
import { Malformed } from '../../src/wire/malformed.ts'
import { isRequestType, parseRequestData, requestTypes } from '../../src/wire/messages/index.ts'
import { malformed } from '../../src/wire/refusals.ts'
import { parseLoosely, parseStrict } from '../../src/wire/strictJson.ts'
import { normaliseToken } from '../../src/wire/token.ts'
import { sudiKey, udiText } from '../../src/wire/udi.ts'
import { certificateRequest } from '../support/csr.ts'
import { golden } from '../wire/golden.ts'
import { mutateBytes, mutateValue } from './mutate.ts'
import type { Random } from './random.ts'

/**
 * Something that reads what strangers send. `run` gives in a word how the bytes were refused, or "read"; it throws for whatever is neither. A way of
 * being refused that was not seen before makes its bytes worth changing further.
 */
export type Target = {
  name: string
  seeds: Buffer[]
  change(seed: Buffer, seeds: readonly Buffer[], random: Random): Buffer
  run(bytes: Buffer): string | Promise<string>
}

/** The sentence without what it repeats of the input: no more ways than there are branches. */
const way = (words: string) =>
  words
    .replace(/\d+/g, '#')
    .replace(/'[^']*'/g, "'…'")
    .slice(0, 120)

/** How an attempt was refused, where it was refused as it may be. */
function attempt(read: () => void, allowed: (error: unknown) => string | undefined): string {
  try {
    read()
    return 'read'
  } catch (error) {
    const refused = allowed(error)
    if (refused === undefined) throw error
    return way(refused)
  }
}

const isMalformed = (error: unknown) => {
  if (!(error instanceof Malformed)) return undefined
  assert.ok(error.text.isWellFormed() && typeof JSON.parse(error.text) === 'object')
  assert.ok(error.nonce === undefined || /^[A-Za-z0-9_-]{1,64}$/.test(error.nonce))
  assert.ok(malformed(error).message.length < 100_000, 'what is said is not longer than it must be')
  return `${error.nonce === undefined ? 'nameless ' : ''}${error.message}`
}

const text = (bytes: Buffer) => bytes.toString('utf8')
const requestSeeds = [
  'authorization',
  'conversion',
  'deregistration',
  'hello',
  'idCertRenewal',
  'poll',
  'registration',
  'registrationAck',
].map(name => golden(`${name}.request.json`))

/** Changes a message inside its strings, so that not only the outermost reader is met. */
function changeMessage(seed: Buffer, seeds: readonly Buffer[], random: Random): Buffer {
  const outer = parseLoosely(text(seed)) as { request?: unknown; response?: unknown } | undefined
  const member =
    outer && typeof outer === 'object' ? (['request', 'response'] as const).find(name => typeof outer[name] === 'string') : undefined
  if (!outer || !member || random.below(4) === 0) return mutateBytes(seed, seeds, random)
  const inside = outer[member] as string
  const inner = parseLoosely(inside) as Record<string, unknown> | undefined
  const deeper = (['request_data', 'response_data'] as const).find(name => typeof inner?.[name] === 'string')
  const changed = () => {
    if (!inner || random.below(3) === 0) return text(mutateBytes(Buffer.from(inside), seeds, random))
    if (!deeper || random.below(2) === 0) return JSON.stringify(mutateValue(inner, random)) ?? ''
    const data = inner[deeper] as string
    const value = parseLoosely(data)
    const other =
      value === undefined || random.below(4) === 0
        ? text(mutateBytes(Buffer.from(data), seeds, random))
        : JSON.stringify(mutateValue(value, random))
    return JSON.stringify({ ...inner, [deeper]: other })
  }
  return Buffer.from(JSON.stringify({ ...outer, [member]: changed() }))
}

const envelope: Target = {
  name: 'envelope and message',
  seeds: requestSeeds,
  change: changeMessage,
  run: bytes =>
    attempt(() => {
      const opened = openRequest(bytes)
      assert.equal(opened.request.toString('utf8'), JSON.parse(bytes.toString('utf8')).request)
      versionIsKnown(opened)
      const type = requestTypeOf(opened)
      refuseUnequalNonces(opened)
      sudiKey(opened.header.sudi)
      udiText(opened.header.sudi)
      if (isRequestType(type)) parseRequestData(type, opened.data)
    }, isMalformed),
}

const data: Target = {
  name: 'data of each message',
  seeds: requestSeeds.map(seed => Buffer.from(JSON.parse(JSON.parse(text(seed)).request).request_data)),
  change(seed, seeds, random) {
    const value = parseLoosely(text(seed))
    return value === undefined ? mutateBytes(seed, seeds, random) : Buffer.from(JSON.stringify(mutateValue(value, random)) ?? 'null')
  },
  run(bytes) {
    const value = parseLoosely(text(bytes))
    return requestTypes
      .map(type => attempt(() => void parseRequestData(type, value), isMalformed))
      .join(' ')
      .slice(0, 300)
  },
}

const replies: Target = {
  name: 'replies',
  seeds: [golden('registration.response.json'), golden('refusal.response.json')],
  change: changeMessage,
  run: bytes => attempt(() => void openResponse(bytes), isMalformed),
}

const json: Target = {
  name: 'strict JSON',
  seeds: [...requestSeeds, Buffer.from('{"a":[1,-2.5e3,true,null,"\\u00e9\\ud83d\\ude00\\\\\\""],"b":{"c":{},"d":[]}}')],
  change(seed, seeds, random) {
    const value = random.below(2) === 0 ? parseLoosely(text(seed)) : undefined
    return value === undefined ? mutateBytes(seed, seeds, random) : Buffer.from(JSON.stringify(mutateValue(value, random)) ?? '')
  },
  run(bytes) {
    const given = text(bytes)
    let expected: unknown
    let isJson = true
    try {
      expected = JSON.parse(given)
    } catch {
      isJson = false
    }
    return attempt(() => {
      const value = parseStrict(given, 'text', { safeIntegers: true, mostValues: 32_768 })
      assert.ok(isJson)
      assert.deepEqual(value, expected)
    }, isMalformed)
  },
}

const callHome: Target = {
  name: 'Call Home',
  seeds: [golden('callHome.request.xml')],
  change: mutateBytes,
  run: bytes =>
    attempt(
      () => {
        const message = unwrapCallHome(bytes)
        const composition = { messageId: 'M1:A:1', createdAt: new Date(0), builder: { name: 'a', version: '1' } }
        const said = '{"a":"]]>"}'
        const reply = unwrapCallHome(Buffer.from(wrapCallHomeReply(said, message, composition)))
        assert.equal(reply.attachment?.toString(), said, 'a reply can be read whatever the session was called')
      },
      error => {
        if (!(error instanceof SoapFault)) return undefined
        assert.throws(() => unwrapCallHome(Buffer.from(soapFault(error))), /has no attachment/, 'a fault is well formed')
        return error.sentence
      },
    ),
}

const emptyParts = { format: 'slx/1', protected: '', payload: '', signature: 'c2ln' }
const header = { alg: 'RS256', typ: 'sync-request', cty: 'application/json+gzip', kid: '4', x5c: ['AAAA'] }
const containerOf = (protectedHeader: unknown, payload: Buffer) =>
  Buffer.from(
    JSON.stringify({
      ...emptyParts,
      protected: Buffer.from(JSON.stringify(protectedHeader) ?? '').toString('base64url'),
      payload: payload.toString('base64url'),
    }),
  )

const container: Target = {
  name: 'container',
  seeds: [containerOf(header, gzipSync('{"type":"sync-request"}'))],
  change(seed, seeds, random) {
    switch (random.below(4)) {
      case 0:
        return containerOf(mutateValue(header, random), gzipSync('{}'))
      case 1:
        return containerOf(header, mutateBytes(gzipSync('{"type":"sync-request","a":[1,2,3]}'), seeds, random))
      case 2:
        return containerOf(header, gzipSync(mutateBytes(Buffer.from('{"type":"sync-request","a":[1,2,3]}'), seeds, random)))
      default:
        return mutateBytes(seed, seeds, random)
    }
  },
  async run(bytes) {
    try {
      await readPayload(openContainer(bytes))
      return 'read'
    } catch (error) {
      if (error instanceof ContainerFault) return way(error.message)
      throw error
    }
  },
}

const encodings: Target = {
  name: 'base64, gzip and token',
  seeds: [
    Buffer.from('eyJhIjoxfQ=='),
    Buffer.from('_-8'),
    gzipSync('abc'),
    Buffer.from('ZjM2YzdhNDgtMTIzNC00MTIzLTgxMjMtYWJjZGVmMDEyMzQ1LTE3NjB8%0A'),
  ],
  change: mutateBytes,
  async run(bytes) {
    const given = text(bytes)
    const [plain, url] = [decodeBase64(given), decodeBase64Url(given)]
    if (plain) assert.equal(plain.length, Buffer.from(plain.toString('base64'), 'base64').length)
    if (plain) assert.equal(plain.toString('base64').length, given.replace(/[\r\n\t ]+/g, '').length, 'nothing was passed over')
    if (url) assert.equal(url.toString('base64url').length, given.length, 'nothing was passed over')
    assert.equal(typeof normaliseToken(given), 'string')
    const token = readTokenText(given)
    const inflated = await inflate(bytes, 1000).then(
      out => {
        assert.ok(out.length <= 1000 && out.equals(gunzipSync(bytes)))
        return 'inflated'
      },
      (error: NodeJS.ErrnoException) => {
        assert.match(String(error.code), /^(Z_|ERR_BUFFER_TOO_LARGE)/)
        return String(error.code)
      },
    )
    return `${plain !== null} ${url !== null} ${token !== undefined} ${inflated}`
  },
}

const pemOf = (der: Buffer) => `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
const derOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')

const requests: Target = {
  name: 'certificate request',
  seeds: [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('rsa', { modulusLength: 2048 })].map(keys =>
    Buffer.from(certificateRequest(keys)),
  ),
  change: (seed, seeds, random) =>
    random.below(5) === 0
      ? mutateBytes(seed, seeds, random)
      : Buffer.from(
          pemOf(
            mutateBytes(
              derOf(text(seed)),
              seeds.map(one => derOf(text(one))),
              random,
            ),
          ),
        ),
  run: bytes =>
    attempt(
      () => void readCertificateRequest(text(bytes)),
      error => (error instanceof Refusal && error.code === 'MALFORMED' ? error.message : undefined),
    ),
}

export const targets: Target[] = [envelope, data, replies, json, callHome, container, encodings, requests]
