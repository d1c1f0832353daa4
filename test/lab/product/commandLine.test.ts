import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseCommandLine } from '../../../src/lab/product/commandLine.ts'
import { UsageError } from '../../../src/lab/product/commands/command.ts'
import { parseDevices } from '../../../src/lab/product/commands/identity.ts'
import { commands } from '../../../src/lab/product/commands/index.ts'
import { tagFrom } from '../../../src/lab/product/commands/tags.ts'
import { inTurn, parseMix } from '../../../src/lab/product/fleet/mix.ts'
import { percentiles } from '../../../src/lab/product/fleet/tally.ts'
import { advantage } from './cast.ts'

describe("a product's command line", () => {
  it('knows each command by its words, wherever the options stand', () => {
    for (const { words } of commands) {
      const parsed = parseCommandLine(['--state', '/tmp/x', ...words.split(' '), '--sn', 'FOX1', 'operand'])
      assert.equal(parsed.command?.words, words)
      assert.deepEqual(parsed.operands, ['operand'])
      assert.equal(parsed.values.state, '/tmp/x')
      assert.equal(parsed.values.sn, 'FOX1')
    }
  })

  it('says what is missing or wrong in one sentence', () => {
    assert.throws(() => parseCommandLine(['renew']), { name: 'UsageError', message: "Say more than 'renew': renew auth, renew id." })
    assert.throws(() => parseCommandLine(['enrol']), { name: 'UsageError', message: "There is no command 'enrol': see --help." })
    assert.throws(() => parseCommandLine(['use', '--colour', 'red']), UsageError)
  })

  it('takes a short name of the laboratory for a tag', () => {
    const laboratory = {
      server: { deviceHttp: '', deviceHttps: '' },
      tags: { advantage },
      trust: { licensingRoot: '', deviceRoot: '' },
    }
    assert.equal(tagFrom('advantage', laboratory), advantage)
    assert.equal(tagFrom(advantage, undefined), advantage)
    assert.throws(() => tagFrom('essentials', laboratory), /or one of advantage\.$/)
  })

  it('reads a list of devices in the ways people write them', () => {
    const standby = { pid: 'EX-R1000', serialNumber: 'FOX2', hostname: null, role: 'Standby' }
    for (const text of ['EX-R1000:FOX2', 'FOX2', 'PID:EX-R1000,SN:FOX2', 'EX-R1000:FOX2:standby']) {
      assert.deepEqual(parseDevices([text], 'EX-R1000'), [standby], text)
    }
    const member = { pid: 'EX-S1', serialNumber: 'FOX3', hostname: 'leaf-3', role: 'Member' }
    assert.deepEqual(parseDevices(['FOX2,EX-S1:FOX3:Member:leaf-3'], 'EX-R1000'), [standby, member])
    assert.deepEqual(parseDevices(['FOX2', 'EX-S1:FOX3:Member:leaf-3'], 'EX-R1000'), [standby, member])
  })

  it('refuses a device that has no serial number or an unknown role', () => {
    for (const text of ['EX-R1000:', 'EX-R1000:FOX2:Primary', ':FOX2'])
      assert.throws(() => parseDevices([text], 'EX-R1000'), UsageError, text)
  })

  it('mixes what a fleet does as it weighs it', () => {
    const counts = new Map<string, number>()
    const turns = inTurn(parseMix('authorize:3, renew'))
    for (let turn = 0; turn < 400; turn++) {
      const { value } = turns.next()
      counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    assert.deepEqual([...counts].sort(), [
      ['authorize', 300],
      ['renew', 100],
    ])
    for (const text of ['', 'register,', 'register:0', 'deregister']) assert.throws(() => parseMix(text), UsageError, text)
  })

  it('ranks latencies so that each percentile is one that was measured', () =>
    fc.assert(
      fc.property(fc.array(fc.nat(10_000), { minLength: 1 }), values => {
        const { p50, p99, max } = percentiles(values)
        assert.ok(values.includes(p50) && values.includes(p99))
        assert.equal(max, Math.max(...values))
        assert.ok(values.filter(value => value <= p50).length >= values.length / 2)
        assert.ok(p50 <= p99 && p99 <= max)
      }),
    ))
})
