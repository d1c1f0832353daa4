import assert from 'node:assert/strict'
import { unregistered } from '../../../src/lab/product/agent/effects.ts'
import { newState, type State } from '../../../src/lab/product/agent/state.ts'
import { showStatus } from '../../../src/lab/product/show/status.ts'
import { showSummary } from '../../../src/lab/product/show/summary.ts'
import { showTechSupport } from '../../../src/lab/product/show/techSupport.ts'
import { showUsage } from '../../../src/lab/product/show/usage.ts'
import { advantage } from './cast.ts'
import { parseSections } from './sectionParser.ts'
import { day, now, registered, registeredAt, statusAt } from './states.ts'

const inCompliance = (): State => {
  const state = registered()
  const entitlements = state.authorization!.entitlements.map(entitlement => ({
    ...entitlement,
    status: 'IN_COMPLIANCE' as const,
    out_of_compliance_count: 0,
    insufficient_count: 0,
  }))
  return { ...state, authorization: { ...state.authorization!, status: 'AUTHORIZED', entitlements } }
}
const failed = { at: registeredAt + 90 * day, succeeded: false, reason: 'Could not talk to https://server: (timeout): none.' }
const waiting = { pollId: 7, action: 'registration', interval: 30, at: registeredAt + 30_000, keyName: 'k' }

type Case = {
  state: State
  at?: Date
  registration: string
  authorization: string
  licenses: Record<string, string>
}

/** Every state that a product can be in, and what a parser must find. */
const cases: Record<string, Case> = {
  'out of its box': { state: newState(), registration: 'UNREGISTERED', authorization: 'No Licenses in Use', licenses: {} },
  'in evaluation': {
    state: { ...newState(), usage: [{ tag: advantage, count: 2 }], evaluationStartedAt: registeredAt },
    registration: 'UNREGISTERED',
    authorization: 'EVAL MODE',
    licenses: { ADVANTAGE: 'EVAL MODE' },
  },
  'waiting for its registration': {
    state: { ...newState(), wanted: { token: 'T', force: false }, waiting },
    registration: 'REGISTERING',
    authorization: 'No Licenses in Use',
    licenses: {},
  },
  'refused its registration': {
    state: { ...newState(), registrationAttempt: { at: registeredAt, succeeded: false, reason: "The token 'x' is not valid." } },
    registration: 'UNREGISTERED',
    authorization: 'No Licenses in Use',
    licenses: {},
  },
  registered: {
    state: inCompliance(),
    registration: 'REGISTERED',
    authorization: 'AUTHORIZED',
    licenses: { ADVANTAGE: 'AUTHORIZED', ESSENTIALS: 'AUTHORIZED' },
  },
  'out of compliance': {
    state: registered(),
    registration: 'REGISTERED',
    authorization: 'OUT OF COMPLIANCE',
    licenses: { ADVANTAGE: 'OUT OF COMPLIANCE', ESSENTIALS: 'AUTHORIZED' },
  },
  'without an answer for ninety days': {
    state: { ...registered(), authorizationAttempt: failed, renewalAttempt: failed },
    at: new Date(registeredAt + 91 * day),
    registration: 'REGISTERED',
    authorization: 'AUTHORIZATION EXPIRED',
    licenses: { ADVANTAGE: 'AUTHORIZATION EXPIRED', ESSENTIALS: 'AUTHORIZATION EXPIRED' },
  },
  'past the end of its certificate': {
    state: { ...registered(), ...unregistered(registered(), registeredAt + 365 * day, 'The ID certificate has expired.') },
    at: new Date(registeredAt + 366 * day),
    registration: 'UNREGISTERED',
    authorization: 'EVAL MODE',
    licenses: { ADVANTAGE: 'EVAL MODE', ESSENTIALS: 'EVAL MODE' },
  },
}

/** Statuses of licenses by the names in parentheses. */
const licensesIn = (parsed: ReturnType<typeof parseSections>) =>
  Object.fromEntries(
    Object.entries(parsed).flatMap(([name, values]) => (/\(/.test(name) ? [[/\(([^()]+)\)$/.exec(name)![1], values.status]] : [])),
  )

describe('a parser of the field', () => {
  for (const [name, { state, at = now, registration, authorization, licenses }] of Object.entries(cases)) {
    it(`understands the product ${name}: each line, and its values`, () => {
      const shown = statusAt(state, at)
      const [status, usage, summary] = [showStatus(shown, at), showUsage(shown), showSummary(shown)].map(parseSections)
      assert.equal(status!.Registration!.status, registration)
      assert.equal(summary!.Registration!.status, registration === 'REGISTERED' ? 'REGISTERED' : 'UNREGISTERED')
      for (const parsed of [status, usage, summary]) assert.equal(parsed!['License Authorization']!.status, authorization)
      assert.deepEqual(licensesIn(usage!), licenses)
      assert.deepEqual(licensesIn(summary!), licenses)
    })
  }

  it('finds the counts, the dates and the reasons', () => {
    const at = new Date(registeredAt + 91 * day)
    const shown = statusAt({ ...registered(), authorizationAttempt: failed }, at)
    const { Registration, 'License Authorization': authorization } = parseSections(showStatus(shown, at))
    assert.equal(Registration!.expires, 'Mar 13 09:45:55 2025 UTC')
    assert.equal(Registration!.smartAccount, 'Example Corp: East (Lab)')
    assert.equal(authorization!.failureReason, failed.reason)
    assert.deepEqual(
      Object.entries(parseSections(showUsage(shown))).flatMap(([name, { count }]) => (count ? [[name, count]] : [])),
      [
        ['Network Advantage (ADVANTAGE)', '4'],
        ['Essentials (ESSENTIALS)', '1'],
      ],
    )
  })

  it('finds names in full and the timers among what is sent to whoever helps', () => {
    const text = showTechSupport(statusAt(registered()), now)
    assert.match(text, /^Instance:\n {2}Product Instance Identifier: 4d47df04-ae89-4df6-bc15-d17c1a3f153f\n {2}Software Tag: regid\.\S+$/m)
    assert.match(text, /^ {2}ID certificate end: Mar 13 09:45:55 2025 UTC$/m)
    assert.ok(text.includes(`Tag: ${advantage}, Count: 4, Status: OUT OF COMPLIANCE`))
    assert.doesNotMatch(showTechSupport(statusAt(newState()), now), /undefined|null/)
  })

  it('stops at a line that it does not know', () => {
    assert.throws(() => parseSections('Transport:\n  Type: Pigeon'), /Line 2 of Transport is unknown/)
  })
})
