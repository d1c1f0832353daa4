import assert from 'node:assert/strict'
import { identityOf } from '../../../src/lab/product/agent/identity.ts'
import { newState } from '../../../src/lab/product/agent/state.ts'
import { statusOf } from '../../../src/lab/product/agent/status.ts'
import { showAll } from '../../../src/lab/product/show/all.ts'
import { showStatus } from '../../../src/lab/product/show/status.ts'
import { showSummary } from '../../../src/lab/product/show/summary.ts'
import { showUsage } from '../../../src/lab/product/show/usage.ts'
import { advantage, router } from './cast.ts'
import { parseStatus, parseSummary, parseUsage } from './routerOutput.ts'
import { day, now, registered, registeredAt, statusAt } from './states.ts'

describe('what a router shows', () => {
  it('says in the status where it is registered and when it renews', () => {
    const { registration, enabled } = parseStatus(showStatus(statusAt(registered()), now))
    assert.equal(enabled, 'ENABLED')
    assert.deepEqual(registration, {
      Status: 'REGISTERED',
      'Smart Account': 'Example Corp: East (Lab)',
      'Virtual Account': 'Laboratory',
      'Export-Controlled Functionality': 'NOT ALLOWED',
      'Initial Registration': 'SUCCEEDED on Mar 13 09:45:55 2024 UTC',
      'Last Renewal Attempt': 'None',
      'Next Renewal Attempt': 'Sep 09 09:45:55 2024 UTC',
      'Registration Expires': 'Mar 13 09:45:55 2025 UTC',
    })
  })

  it('says in the status how it stands with its licenses', () => {
    const { authorization, transport } = parseStatus(showStatus(statusAt(registered()), now))
    assert.deepEqual(authorization, {
      Status: 'OUT OF COMPLIANCE on Mar 13 09:45:56 2024 UTC',
      'Last Communication Attempt': 'SUCCEEDED on Mar 13 09:45:56 2024 UTC',
      'Next Communication Attempt': 'Mar 13 21:45:55 2024 UTC',
      'Communication Deadline': 'Jun 11 09:45:55 2024 UTC',
    })
    assert.deepEqual(transport, { Type: 'Callhome', URL: 'https://localhost:443' })
  })

  it('shows each license that it uses', () => {
    const usage = parseUsage(showUsage(statusAt(registered())))
    assert.deepEqual(usage.get('Network Advantage (ADVANTAGE)'), {
      Description: 'Network Advantage for EX-R1000',
      Count: '4',
      Version: '1.0',
      Status: 'OUT OF COMPLIANCE',
      'Export status': 'NOT RESTRICTED',
      'Feature Name': 'ADVANTAGE',
      'Feature Description': 'Network Advantage for EX-R1000',
      'Enforcement type': 'NOT ENFORCED',
      'License type': 'Subscription',
    })
    assert.equal(usage.get('Essentials (ESSENTIALS)')?.['Export status'], 'RESTRICTED - NOT ALLOWED')
    assert.equal(usage.get('Essentials (ESSENTIALS)')?.Status, 'AUTHORIZED')
  })

  it('sums up in columns that stay in their places', () => {
    const long = registered()
    long.authorization!.entitlements[0]!.display_name = 'Network Advantage with a name that has no end'
    const text = showSummary(statusAt(long))
    assert.deepEqual(parseSummary(text), [
      { license: 'Network Advantage wi...', entitlement: 'ADVANTAGE', count: '4', status: 'OUT OF COMPLIANCE' },
      { license: 'Essentials', entitlement: 'ESSENTIALS', count: '1', status: 'AUTHORIZED' },
    ])
    const table = text.split('\n').slice(-4)
    const column = table[0]!.indexOf('Status')
    assert.deepEqual(
      table.slice(2).map(line => line.slice(column)),
      ['OUT OF COMPLIANCE', 'AUTHORIZED'],
    )
  })

  it('shows all of it, with who the product is and its pair', () => {
    const pair = identityOf({
      ...router,
      others: [{ pid: 'EX-R1000', serialNumber: 'FOX0000BBBB', hostname: null, role: 'Standby' }],
    })
    const status = statusOf(registered(), { identity: pair, transport: 'smart', url: 'http://localhost' }, now)
    const text = showAll(status, now)
    assert.match(text, /^Smart Licensing Status\n=+\n\nSmart Licensing is ENABLED\n/)
    assert.match(text, /^Product Information\n=+\nUDI: PID:EX-R1000,SN:FOX0000AAAA$/m)
    assert.match(text, /^HA UDI List:\n {2}Active:PID:EX-R1000,SN:FOX0000AAAA\n {2}Standby:PID:EX-R1000,SN:FOX0000BBBB$/m)
    assert.match(text, /^Agent Version\n=+\nSmart Agent for Licensing: \d/m)
    assert.equal(parseStatus(text).registration.Status, 'REGISTERED')
    assert.equal(parseUsage(text).size, 2)
  })

  it('is in evaluation mode for ninety days when it uses licenses without a registration', () => {
    const state = { ...newState(), usage: [{ tag: advantage, count: 1 }], evaluationStartedAt: registeredAt }
    const { registration, authorization } = parseStatus(showStatus(statusAt(state), now))
    assert.equal(registration.Status, 'UNREGISTERED')
    assert.deepEqual(authorization, { Status: 'EVAL MODE', 'Evaluation Period Remaining': '87 days, 0 hours, 0 minutes, 0 seconds' })
    const later = new Date(registeredAt + 91 * day)
    assert.equal(parseStatus(showStatus(statusAt(state, later), later)).authorization.Status, 'EVAL EXPIRED on Jun 11 09:45:55 2024 UTC')
  })

  it('says that the authorization has expired when nobody answered for ninety days', () => {
    const later = new Date(registeredAt + 91 * day)
    const state = { ...registered(), authorizationAttempt: { at: later.getTime(), succeeded: false, reason: 'Nothing listens there.' } }
    const text = showStatus(statusAt(state, later), later)
    const { authorization } = parseStatus(text)
    assert.equal(authorization.Status, 'AUTHORIZATION EXPIRED on Jun 11 09:45:55 2024 UTC')
    assert.equal(authorization['Last Communication Attempt'], 'FAILED on Jun 12 09:45:55 2024 UTC')
    assert.equal(authorization['Failure reason'], 'Nothing listens there.')
    assert.equal(parseUsage(showUsage(statusAt(state, later))).get('Essentials (ESSENTIALS)')?.Status, 'AUTHORIZATION EXPIRED')
  })

  it('says why a registration failed, and when it is tried again', () => {
    const failed = { ...newState(), registrationAttempt: { at: registeredAt, succeeded: false, reason: "The token 'x' is not valid." } }
    const { registration } = parseStatus(showStatus(statusAt(failed), now))
    assert.equal(registration.Status, 'UNREGISTERED - REGISTRATION FAILED')
    assert.equal(registration['Initial Registration'], 'FAILED on Mar 13 09:45:55 2024 UTC')
    assert.equal(registration['Failure reason'], "The token 'x' is not valid.")
    const retrying = { ...failed, wanted: { token: 'T', force: false }, retry: { attempts: 1, at: registeredAt + 900_000 } }
    const again = parseStatus(showStatus(statusAt(retrying), now)).registration
    assert.equal(again.Status, 'REGISTERING - REGISTRATION IN PROGRESS')
    assert.equal(again['Next Registration Attempt'], 'Mar 13 10:00:55 2024 UTC')
  })

  it('shows a product out of its box as one that uses nothing', () => {
    const status = statusAt(newState())
    assert.equal(parseStatus(showStatus(status, now)).authorization.Status, 'No Licenses in Use')
    assert.match(showUsage(status), /^No licenses in use$/m)
    assert.deepEqual(parseSummary(showSummary(status)), [])
  })

  it('bears no mark of a vendor', () => {
    const status = statusAt(registered())
    const everything = [showAll(status, now), showStatus(status, now), showSummary(status), showUsage(status)].join('\n')
    assert.doesNotMatch(everything, /cisco|catalyst|ios|cssm/i)
  })
})
