import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import {
  openRequest,
  type RequestEnvelope,
  refuseUnequalNonces,
  requestTypeOf,
  seal,
  sealRequest,
  versionIsKnown,
} from '../../src/wire/envelope.ts'
import { Malformed } from '../../src/wire/malformed.ts'
import { parseRequestData, type RequestType, requestTypes } from '../../src/wire/messages/index.ts'
import { golden } from './golden.ts'
import { awkwardText } from './texts.ts'

const NONCE = '7648446339161391345'
const sign = () => Buffer.from('signed')

/** The golden AUTHORIZATION with some of its parts changed. */
function changed(change: { outer?: object; inner?: object; header?: object; data?: object }): Buffer {
  const outer = JSON.parse(golden('authorization.request.json').toString())
  const inner = JSON.parse(outer.request)
  const data = JSON.parse(inner.request_data)
  const request = {
    ...inner,
    header: { ...inner.header, ...change.header },
    request_data: JSON.stringify({ ...data, ...change.data }),
    ...change.inner,
  }
  return Buffer.from(JSON.stringify({ ...outer, request: JSON.stringify(request), ...change.outer }))
}

function refusal(bytes: Buffer, check: (envelope: RequestEnvelope) => unknown = () => {}): Malformed {
  try {
    check(openRequest(bytes))
  } catch (error) {
    if (error instanceof Malformed) return error
    throw error
  }
  throw new assert.AssertionError({ message: `nothing was refused in ${bytes.toString().slice(0, 120)}` })
}

describe('a request’s envelope', () => {
  const messages: [string, RequestType][] = [
    ['registration', 'REGISTRATION'],
    ['registrationAck', 'REGISTRATION_ACK'],
    ['idCertRenewal', 'ID_CERT_RENEWAL'],
    ['authorization', 'AUTHORIZATION'],
    ['deregistration', 'DEREGISTRATION'],
    ['poll', 'POLL'],
    ['conversion', 'DLC'],
    ['hello', 'HELLO'],
  ]

  for (const [file, type] of messages) {
    it(`of a ${type} that somebody wrote by hand is read in the order of the contract`, () => {
      const envelope = openRequest(golden(`${file}.request.json`))
      assert.ok(versionIsKnown(envelope))
      assert.equal(requestTypeOf(envelope), type)
      refuseUnequalNonces(envelope)
      assert.equal(envelope.header.nonce, NONCE)
      assert.equal(envelope.common.timestamp, 1760000000000)
      assert.equal(envelope.header.sudi.udi_serial_number, 'FOX0000AAAA')
      parseRequestData(type, envelope.data)
    })
  }

  it('covers every message the table knows', () => {
    assert.deepEqual(messages.map(([, type]) => type).sort(), [...requestTypes].sort())
  })

  it('has the digest of the contract’s vector, byte for byte', async () => {
    const vector = '{"header":{"version":"1.3","locale":"en_US.UTF-8","request_type":"POLL","nonce":"1"},"nonce":"1","request_data":"{}"}'
    let digest = ''
    await seal('request', vector, data => {
      assert.equal(data.length, 117)
      digest = createHash('sha256').update(data).digest('hex')
      return sign()
    })
    assert.equal(digest, '8731a9e2ff157d78bf1d2a518895e38586250427bfd7c5ad9286e720ec3e7200')
  })

  it('keeps the signed bytes exactly: spaces, order, escapes and all', () => {
    const outer = JSON.parse(golden('authorization.request.json').toString())
    const odd = outer.request.replace('{"header"', '{ "future":"\\u00e9 é \\/ 😀",\n"header"')
    const envelope = openRequest(Buffer.from(JSON.stringify({ ...outer, request: odd })))
    assert.equal(envelope.request.toString(), odd)
    assert.equal(envelope.requestHash, createHash('sha256').update(odd, 'utf8').digest('hex'))
  })

  it('says the same to whoever opens it as was sealed into it', async () => {
    await fc.assert(
      fc.asyncProperty(awkwardText, fc.nat(), fc.bigInt(1n, 2n ** 63n - 1n), async (hostname, timestamp, nonce) => {
        let signed: Buffer | undefined
        const bytes = await sealRequest(
          { request_type: 'HELLO', sudi: { uuid: 'f00d' }, timestamp, nonce: String(nonce), data: { hostname } },
          data => {
            signed = data
            return sign()
          },
        )
        const envelope = openRequest(bytes)
        assert.ok(envelope.request.equals(signed!))
        assert.ok(envelope.signature?.equals(sign()))
        assert.equal(envelope.header.nonce, String(nonce))
        assert.equal(envelope.common.timestamp, timestamp)
        assert.equal(envelope.data.hostname, hostname)
      }),
    )
  })

  it('passes over members it does not know', () => {
    const envelope = openRequest(changed({ outer: { future: 1 }, header: { future: { a: [1] } }, data: { future: null } }))
    assert.equal(requestTypeOf(envelope), 'AUTHORIZATION')
  })

  it('takes what is empty in a sudi for what is not there', () => {
    const sudi = { udi_pid: 'EX-R1000', udi_serial_number: 'FOX0000AAAA', mac_address: '', uuid: '' }
    assert.deepEqual(openRequest(changed({ header: { sudi } })).header.sudi, openRequest(changed({})).header.sudi)
  })

  it('takes SHA256 for SHA-256, and a header timestamp of 0 or none', () => {
    assert.equal(openRequest(changed({ outer: { signature: { type: 'SHA256', value: 'AAAA' } } })).signature?.length, 3)
    assert.equal(openRequest(changed({ header: { timestamp: 0 } })).header.timestamp, 0)
    assert.equal(openRequest(changed({ header: { timestamp: undefined, locale: undefined } })).header.timestamp, 0)
  })
})

describe('a malformed request', () => {
  const cases: [string, Buffer, string][] = [
    ['another signature type', changed({ outer: { signature: { type: 'MD5', value: 'AAAA' } } }), 'signature.type'],
    ['a signature that is not base64', changed({ outer: { signature: { type: 'SHA-256', value: 'not base64!' } } }), 'signature.value'],
    ['no signature', changed({ outer: { signature: null } }), 'signature'],
    ['a credential', changed({ outer: { credential: 'secret' } }), 'credential'],
    ['a version that is none', changed({ header: { version: 'latest' } }), 'header.version'],
    ['a version below 1.0', changed({ header: { version: '0.9' } }), 'header.version'],
    ['a sudi with half a UDI', changed({ header: { sudi: { udi_pid: 'EX-R1000' } } }), 'header.sudi'],
    ['a detail of its sudi of 129 characters', changed({ header: { sudi: { uuid: 'f00d', suvi: 's'.repeat(129) } } }), 'header.sudi.suvi'],
    ['an empty product id', changed({ header: { sudi: { udi_pid: '', udi_serial_number: '' } } }), 'header.sudi.udi_pid'],
    ['an empty sudi', changed({ header: { sudi: {} } }), 'header.sudi'],
    [
      'a product id of 65 characters',
      changed({ header: { sudi: { udi_pid: 'P'.repeat(65), udi_serial_number: 'S' } } }),
      'header.sudi.udi_pid',
    ],
    ['a locale of 33 characters', changed({ header: { locale: 'x'.repeat(33) } }), 'header.locale'],
    ['an instance that is no UUID', changed({ header: { product_instance_identifier: 'me' } }), 'header.product_instance_identifier'],
    ['a serial number as a number', changed({ header: { id_cert_serial_number: 16451298 } }), 'header.id_cert_serial_number'],
    ['no sudi in request_data', changed({ data: { sudi: null } }), 'request_data.sudi'],
    ['no timestamp in request_data', changed({ data: { timestamp: null } }), 'request_data.timestamp'],
    ['request_data that is an object', changed({ inner: { request_data: {} } }), 'request_data'],
    ['request_data that is not JSON', changed({ inner: { request_data: '{' } }), 'request_data'],
    ['request_data nested too deep', changed({ inner: { request_data: '['.repeat(40) + ']'.repeat(40) } }), 'request_data'],
    ['a member twice in request_data', changed({ inner: { request_data: `{"nonce":"${NONCE}","nonce":"1"}` } }), 'request_data'],
    ['an unsafe integer', changed({ inner: { request_data: '{"poll_id":9007199254740993}' } }), 'request_data'],
  ]
  for (const [what, bytes, path] of cases) {
    it(`with ${what} is answered at ${path}, with its nonce`, () => {
      const error = refusal(bytes)
      assert.equal(error.path, path)
      assert.equal(error.nonce, NONCE)
    })
  }

  it('tells its nonce however much of it is broken', () => {
    assert.equal(refusal(changed({ header: { nonce: null } })).nonce, NONCE)
    assert.equal(refusal(changed({ header: null as never, inner: { header: null, nonce: 7 } })).nonce, NONCE)
    const twice = `{"credential":null,"credential":null,"request":${JSON.stringify(`{"nonce":"${NONCE}"}`)}}`
    assert.equal(refusal(Buffer.from(twice)).nonce, NONCE)
  })

  it('has no nonce to tell when none could be read', () => {
    const unreadable = [
      '',
      'hello',
      '{}',
      '[]',
      'null',
      '{"request":"{"}',
      '{"request":{"nonce":"1"}}',
      '{"request":"{\\"nonce\\":\\"no spaces\\"}"}',
    ]
    for (const text of unreadable) assert.equal(refusal(Buffer.from(text)).nonce, undefined, text)
    assert.equal(refusal(Buffer.from([0xff, 0xfe])).nonce, undefined)
  })

  it('is always Malformed and never a fault, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map(text => Buffer.from(text)),
        ),
        bytes => {
          refusal(Buffer.from(bytes))
        },
      ),
    )
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('outer', 'inner', 'header', 'data'),
        fc.constantFrom('request', 'header', 'nonce', 'sudi'),
        (value, where, name) => {
          try {
            openRequest(changed({ [where]: { [name]: value } }))
          } catch (error) {
            assert.ok(error instanceof Malformed, String(error))
          }
        },
      ),
    )
  })
})

describe('the checks after the envelope', () => {
  it('call a version above 1.3 unknown, and any from 1.0 known', () => {
    const known = (version: string) => versionIsKnown(openRequest(changed({ header: { version } })))
    assert.deepEqual(['1.0', '1.1', '1.3', '1.4', '1.10', '2.0'].map(known), [true, true, true, false, false, false])
  })

  it('refuse an unknown request_type', () => {
    for (const request_type of ['THIRD_PARTY_KEY', 'authorization', 'toString', '__proto__']) {
      const error = refusal(changed({ header: { request_type } }), requestTypeOf)
      assert.equal(error.path, 'header.request_type')
      assert.equal(error.nonce, NONCE)
    }
  })

  it('want the instance’s id wherever the product has one', () => {
    const nameless = { product_instance_identifier: null, id_cert_serial_number: null }
    for (const request_type of ['AUTHORIZATION', 'DEREGISTRATION', 'ID_CERT_RENEWAL', 'REGISTRATION_ACK', 'DLC']) {
      assert.equal(refusal(changed({ header: { ...nameless, request_type } }), requestTypeOf).path, 'header.product_instance_identifier')
    }
    assert.equal(refusal(changed({ header: { id_cert_serial_number: null } }), requestTypeOf).path, 'header.id_cert_serial_number')
  })

  it('let a POLL be nameless only while its registration waits', () => {
    const poll = (action: string) =>
      changed({
        header: { request_type: 'POLL', product_instance_identifier: null, id_cert_serial_number: null },
        data: { product_instance_identifier: null, poll_id: 1, action },
      })
    assert.equal(requestTypeOf(openRequest(poll('registration'))), 'POLL')
    assert.equal(refusal(poll('conversion'), requestTypeOf).path, 'header.product_instance_identifier')
  })

  it('refuse nonces that are not the same in all three places', () => {
    for (const change of [{ header: { nonce: '1' } }, { inner: { nonce: '1' } }, { data: { nonce: '1' } }]) {
      assert.equal(refusal(changed(change), refuseUnequalNonces).path, 'nonce')
    }
  })
})
