import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fences, isRedundant, nodeStates, type PairStatus, pairWarnings } from '../../src/rules/pair.ts'

const now = new Date('2026-05-04T12:00:00Z')
const release = fc.constantFrom('1.0.0', '1.1.0')
const status: fc.Arbitrary<PairStatus> = fc.record({
  at: fc.integer({ min: 0, max: 120 }).map(seconds => new Date(now.getTime() - seconds * 1000)),
  node: fc.constant('node-a'),
  peer: fc.constant('node-b'),
  state: fc.constantFrom(...nodeStates),
  epoch: fc.nat(),
  mode: fc.constantFrom('sync', 'alone', null),
  virtualIp: fc.constant('10.0.0.3'),
  sentence: fc.constant('All is well.'),
  lagBytes: fc.option(fc.nat()),
  replication: fc.constantFrom('synchronous', 'asynchronous', 'none'),
  fence: fc.constantFrom(...fences),
  witness: fc.option(fc.record({ url: fc.constant('https://witness:7443'), reachable: fc.boolean() })),
  release,
  peerRelease: fc.option(release),
  history: fc.constant([]),
})

describe('the rules of a pair', () => {
  it('warn of a pair that is not redundant, and never of the redundancy of one that is', () => {
    fc.assert(
      fc.property(status, given => {
        const subjects = pairWarnings(given, now).map(({ subject }) => subject)
        const covered = isRedundant(given, now)
        assert.equal(covered, !subjects.some(subject => ['agent', 'split', 'redundancy'].includes(subject)))
      }),
    )
  })

  it('say each thing once, the worst first, in sentences', () => {
    const rank = ['critical', 'major', 'minor']
    fc.assert(
      fc.property(status, given => {
        const warnings = pairWarnings(given, now)
        const ranks = warnings.map(({ severity }) => rank.indexOf(severity))
        assert.deepEqual(
          ranks,
          [...ranks].sort((a, b) => a - b),
        )
        assert.equal(new Set(warnings.map(({ subject }) => subject)).size, warnings.length)
        for (const { message, action } of warnings)
          assert.ok(/^[A-Z].*\.$/.test(message) || message.startsWith('node-b'), `${message} ${action}`)
      }),
    )
  })
})
