import assert from 'node:assert/strict'
import fc from 'fast-check'
import { nextDue } from '../../../src/lab/product/agent/due.ts'
import { oneMoreAttempt, retryDelay } from '../../../src/lab/product/agent/retries.ts'
import { newState, type State } from '../../../src/lab/product/agent/state.ts'

const minute = 60_000
const day = 1440 * minute
const registeredAt = Date.parse('2026-01-01T00:00:00Z')

/** A product that is registered and has reported nothing yet. */
const registered = (more: Partial<State> = {}): State => ({
  ...newState(),
  registration: {
    instanceId: 'i',
    keyName: 'k',
    idCertificate: '',
    idCertificateSerial: '1',
    issuers: [],
    signer: '',
    signerSerial: '2',
    signerIssuers: [],
    serverSigner: '',
    smartAccount: 'A',
    virtualAccount: 'B',
    exportControlled: 'ALLOWED',
    registeredAt,
    renewAt: registeredAt + 180 * day,
    expiresAt: registeredAt + 365 * day,
    authorizationInterval: (30 * day) / 1000,
    acknowledged: true,
  },
  ...more,
})

describe('when a product tries again', () => {
  const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

  it('waits a quarter of an hour four times, give or take a tenth', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), jitter, (attempts, random) => {
        const delay = retryDelay(attempts, random)
        assert.ok(delay >= 13.5 * minute && delay <= 16.5 * minute, `${delay}`)
      }),
    ))

  it('waits an hour from then on, give or take a tenth', () =>
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 10_000 }), jitter, (attempts, random) => {
        const delay = retryDelay(attempts, random)
        assert.ok(delay >= 54 * minute && delay <= 66 * minute, `${delay}`)
      }),
    ))

  it('never waits longer than the server asked it to', () =>
    fc.assert(
      fc.property(fc.nat(20), jitter, fc.nat(7200), (attempts, random, retryAfter) => {
        assert.ok(retryDelay(attempts, random, retryAfter) <= Math.max(1, retryAfter) * 1000)
      }),
    ))

  it('counts its attempts', () => {
    const first = oneMoreAttempt(null, 1000, 0.5)
    assert.deepEqual(first, { attempts: 1, at: 1000 + 15 * minute })
    assert.deepEqual(oneMoreAttempt({ attempts: 4, at: 0 }, 1000, 0.5), { attempts: 5, at: 1000 + 60 * minute })
  })
})

describe('what a product does by itself', () => {
  it('is nothing out of the box', () => assert.equal(nextDue(newState()), undefined))

  it('is to register while it is wished for, after the pause that a failure asks for', () => {
    const wanted = { token: 'T', force: false }
    assert.deepEqual(nextDue({ ...newState(), wanted }), { deed: 'register', at: 0 })
    assert.deepEqual(nextDue({ ...newState(), wanted, retry: { attempts: 1, at: 5 } }), { deed: 'register', at: 5 })
  })

  it('is to poll when the server said so', () => {
    const waiting = { pollId: 1, action: 'registration', interval: 300, at: 300_000, keyName: 'k' }
    assert.deepEqual(nextDue({ ...newState(), wanted: { token: 'T', force: false }, waiting }), { deed: 'poll', at: 300_000 })
  })

  it('is to acknowledge a certificate that it holds', () => {
    const state = registered()
    assert.deepEqual(nextDue({ ...state, registration: { ...state.registration!, acknowledged: false } }), { deed: 'acknowledge', at: 0 })
  })

  it('is to report what has not been reported', () => {
    const state = registered({ usage: [{ tag: 't', count: 1 }], entitlementVersion: 2, reportedVersion: 1 })
    assert.deepEqual(nextDue(state), { deed: 'report usage', at: 0 })
  })

  it('is to report every thirty days, and to renew the certificate after half a year', () => {
    assert.deepEqual(nextDue(registered()), { deed: 'report usage', at: registeredAt + 30 * day })
    const at = registeredAt + 179 * day
    const authorization = { status: 'AUTHORIZED' as const, at, renewAt: at + 30 * day, deadline: at + 90 * day, entitlements: [] }
    assert.deepEqual(nextDue(registered({ authorization })), { deed: 'renew ID certificate', at: registeredAt + 180 * day })
  })

  it('is to let go of the registration at the end of the certificate, however often it failed to renew it', () => {
    const state = registered({ retry: { attempts: 99, at: registeredAt + 400 * day } })
    assert.deepEqual(nextDue(state), { deed: 'expire', at: registeredAt + 365 * day + 1000 })
  })

  it('is first to finish what a crash left open', () => {
    const message = { type: 'ID_CERT_RENEWAL' as const, data: {}, keyName: 'k', newKeyName: 'n', nameless: false }
    const state = registered({ underWay: { message, nonce: '1', preparedAt: 0, body: '' } })
    assert.deepEqual(nextDue(state), { deed: 'finish what was left', at: 0 })
  })
})
