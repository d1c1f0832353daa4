import assert from 'node:assert/strict'
import { Malformed } from '../../src/wire/malformed.ts'
import * as refusals from '../../src/wire/refusals.ts'

const udi = { udi_pid: 'EX-R1000', udi_serial_number: 'FOX0000AAAA', uuid: null }
const tag = 'regid.2020-01.com.example.EX-R1000,1.0_00000000-0000-4000-8000-000000000001'

describe('the texts of refusals', () => {
  const texts: [{ message_code: string; message: string }, string, string][] = [
    [refusals.tokenInvalid('abc'), 'TOKEN_INVALID', `{"token":["The token 'abc' is not valid."]}`],
    [refusals.tokenExpired('abc'), 'TOKEN_EXPIRED', `{"token":["The token 'abc' has expired."]}`],
    [refusals.tokenUsageExceeded('abc'), 'TOKEN_USAGE_EXCEEDED', `{"token":["The token 'abc' has reached its maximum number of uses."]}`],
    [
      refusals.alreadyRegistered(tag, udi),
      'ALREADY_REGISTERED',
      `{"sudi":["The product '${tag}' and sudi containing udi_serial_number:FOX0000AAAA, udi_pid:EX-R1000 has already been registered."]}`,
    ],
    [
      refusals.unknownInstance('f654477d-0000-4000-8000-000000000001'),
      'UNKNOWN_INSTANCE',
      '{"product_instance_identifier":["The identity for the instance f654477d-0000-4000-8000-000000000001 is not valid.Please re-register the instance."]}',
    ],
    [refusals.badSignature(), 'BAD_SIGNATURE', '{"signature":["The message signature is not valid."]}'],
    [
      refusals.idCertExpired('16451298'),
      'ID_CERT_EXPIRED',
      '{"id_cert_serial_number":["The ID certificate 16451298 has expired. Please re-register the instance."]}',
    ],
    [refusals.malformed(new Malformed('header.nonce', 'Is required.')), 'MALFORMED', '{"header.nonce":["Is required."]}'],
    [refusals.replay(), 'REPLAY', '{"nonce":["The nonce has already been used."]}'],
    [refusals.clockSkew(), 'CLOCK_SKEW', '{"timestamp":["The message time differs from the server time by more than 3600 seconds."]}'],
    [refusals.sudiMismatch(), 'SUDI_MISMATCH', '{"sudi":["The device identity does not match the instance."]}'],
    [refusals.notConsuming(), 'NOT_CONSUMING', 'Product Instance is not consuming this tag'],
    [
      refusals.staleUsage(3, 7),
      'STALE_USAGE',
      '{"entitlement_version":["The entitlement version 3 is lower than the current version 7."]}',
    ],
    [refusals.unknownPoll(12), 'UNKNOWN_POLL', '{"poll_id":["The poll 12 is not known."]}'],
    [refusals.serverError('c0ffee'), 'SERVER_ERROR', '{"server":["Server error occurred: c0ffee"]}'],
    [refusals.versionTooHigh('1.3'), 'VERSION_TOO_HIGH', '{"version":["1.3"]}'],
  ]
  for (const [answer, code, message] of texts) {
    it(`is exact for ${code}`, () => {
      assert.equal(answer.message_code, code)
      assert.equal(answer.message, message)
    })
  }

  it('names the field of those whose words are ours', () => {
    assert.deepEqual(Object.keys(JSON.parse(refusals.accountExpired().message)), ['account'])
    assert.deepEqual(Object.keys(JSON.parse(refusals.duplicateReport().message)), ['usage'])
    assert.deepEqual(Object.keys(JSON.parse(refusals.tlsRequired().message)), ['transport'])
  })

  it('repeats at most 64 characters of a token, quotes and all', () => {
    const token = `"'😀${'x'.repeat(200)}`
    const [sentence] = JSON.parse(refusals.tokenInvalid(token).message).token
    assert.equal(sentence, `The token '"'😀${'x'.repeat(61)}' is not valid.`)
    assert.equal(JSON.parse(refusals.tokenExpired('abc\n').message).token[0], `The token 'abc' has expired.`)
  })

  it('says the size that was exceeded', () => {
    assert.equal(refusals.overSize(), '{"request":["The message exceeds 3145728 bytes."]}')
  })
})
