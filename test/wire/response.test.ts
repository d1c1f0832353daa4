import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Answer, buildResponse, type Echo, echoOf, openRequest, openResponse, sealResponse } from '../../src/wire/envelope.ts'
import { Malformed } from '../../src/wire/malformed.ts'
import { parseReplyData } from '../../src/wire/messages/index.ts'
import { tokenInvalid } from '../../src/wire/refusals.ts'
import { golden } from './golden.ts'
import { awkwardText } from './texts.ts'

const connectInfo = {
  name: 'onprem',
  version: '0.1',
  production: false,
  additional_info: '',
  capabilities: ['DLC', 'MULTITIER', 'OK_TRY_AGAIN', 'POLICY_USAGE'],
}
const certificate = openResponse(golden('registration.response.json')).fields.signing_cert!
const server = {
  now: 1760000000350,
  signer: { serialNumber: '4', certificate, subCaCertificates: [certificate] },
  connectInfo,
  correlationId: 'c0ffee00-0000-4000-8000-0000000000aa',
}
const sign = (data: Buffer) => Buffer.from(`signed ${data.length} bytes`)
const echo: Echo = { nonce: '7648446339161391345', timestamp: 1760000000000, request_type: 'REGISTRATION' }
const identity = openResponse(golden('registration.response.json')).fields.response_data!

describe('a response', () => {
  it('that somebody wrote by hand is read, and its data is what a registration gives', () => {
    const { fields, signature } = openResponse(golden('registration.response.json'))
    assert.deepEqual(signature, Buffer.from('q83vASNFZ4k=', 'base64'))
    assert.equal(fields.status, 'OK')
    const data = parseReplyData('REGISTRATION', fields.response_data)
    assert.equal(data.export_controlled, 'NOT ALLOWED')
    assert.equal(data.sub_ca_certs.length, 2)
  })

  it('to a registration is the one that was written by hand, byte for byte but for members that are null', async () => {
    const sealed = await sealResponse(buildResponse({ status: 'OK', data: identity }, echo, server), sign)
    const expected = JSON.parse(JSON.parse(golden('registration.response.json').toString()).response)
    const actual = JSON.parse(JSON.parse(sealed.toString()).response)
    const given = Object.fromEntries(Object.entries(actual).filter(([name, value]) => value !== null || name in expected))
    assert.deepEqual(given, expected)
  })

  it('that refuses says so in the contract’s words, with the signer’s certificate for a product that holds none', () => {
    const fields = buildResponse(tokenInvalid('BadRegistrationToken'), echo, server)
    const { fields: expected } = openResponse(golden('refusal.response.json'))
    assert.equal(fields.message, expected.message)
    assert.equal(fields.message_code, expected.message_code)
    assert.equal(fields.response_data, null)
    assert.equal(fields.signing_cert, certificate)
    assert.deepEqual(fields.sub_ca_certs, [certificate])
  })

  it('leaves the signer’s certificate out only for a product that names its serial', () => {
    const signer = (signing_cert_serial_number: string | null) =>
      buildResponse({ status: 'OK', data: null }, { ...echo, signing_cert_serial_number }, server).signing_cert
    assert.equal(signer('4'), null)
    assert.equal(signer('3'), certificate)
    assert.equal(signer(null), certificate)
  })

  it('repeats its request’s nonce, time, type and identity', () => {
    const request = openRequest(golden('authorization.request.json'))
    const { header, ...rest } = buildResponse({ status: 'OK_TRY_AGAIN', retry_after: 30 }, echoOf(request), server)
    assert.equal(header.nonce, request.header.nonce)
    assert.equal(rest.nonce, request.header.nonce)
    assert.equal(rest.timestamp, 1760000000000)
    assert.equal(header.timestamp, server.now)
    assert.equal(header.request_type, 'AUTHORIZATION')
    assert.equal(header.product_instance_identifier, '4d47df04-ae89-4df6-bc15-d17c1a3f153f')
    assert.equal(rest.retry_after, 30)
  })

  it('comes back from its bytes as it was sealed, signed over exactly its text', async () => {
    const text = awkwardText
    const answers: fc.Arbitrary<Answer> = fc.oneof(
      fc.record({ status: fc.constant('OK' as const), data: fc.option(fc.record({ text }, { noNullPrototype: true }), { nil: null }) }),
      fc.record(
        {
          status: fc.constant('OK_POLL' as const),
          poll_id: fc.maxSafeNat(),
          poll_interval: fc.nat(),
          action: fc.constant('conversion'),
          data: fc.record({ text }, { noNullPrototype: true }),
        },
        { requiredKeys: ['status', 'poll_id', 'poll_interval', 'action'], noNullPrototype: true },
      ),
      fc.record({ status: fc.constant('OK_TRY_AGAIN' as const), retry_after: fc.nat() }),
      fc.record({ status: fc.constant('FAILED' as const), message_code: fc.constant('REPLAY' as const), message: text }),
    )
    await fc.assert(
      fc.asyncProperty(answers, async answer => {
        const fields = buildResponse(answer, echo, server)
        const opened = openResponse(await sealResponse(fields, sign))
        assert.deepEqual(fields.response_data, ('data' in answer ? answer.data : null) ?? null)
        assert.deepEqual(opened.fields, fields)
        assert.deepEqual(opened.signature, sign(opened.response))
      }),
    )
  })

  it('without a signature is told from one with it', () => {
    const outer = JSON.parse(golden('refusal.response.json').toString())
    assert.equal(openResponse(Buffer.from(JSON.stringify({ ...outer, signature: null }))).signature, null)
  })

  it('that is none is Malformed and never a fault', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map(text => Buffer.from(text)),
        ),
        bytes => {
          assert.throws(() => openResponse(bytes), Malformed)
        },
      ),
    )
    const outer = JSON.parse(golden('refusal.response.json').toString())
    const status = outer.response.replace('"FAILED"', '"MAYBE"')
    assert.throws(() => openResponse(Buffer.from(JSON.stringify({ ...outer, response: status }))), /response.status/)
    const inexact = outer.response.replace('"status"', '"poll_id":773126444402795033,"status"')
    assert.throws(() => openResponse(Buffer.from(JSON.stringify({ ...outer, response: inexact }))), /too large to be exact/)
  })
})
