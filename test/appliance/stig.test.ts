import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { deedsFor } from '../../appliance/install/deeds.ts'
import { install } from '../../appliance/install/run.ts'
import { benchmark, benchmarkFile } from '../../appliance/stig/benchmark.ts'
import { evaluate } from '../../appliance/stig/evaluate.ts'
import { rules } from '../../appliance/stig/rules.ts'
import { pretendedHost } from './pretendedHost.ts'

const hasOpenScap = !spawnSync('oscap', ['--version']).error

describe('the rules of the STIG profile', () => {
  it('have an id of their own, an origin and a way in which they are met', () => {
    assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length)
    for (const { id, origin, met, value } of rules) assert.ok(origin && met && value, id)
  })

  it('are programs that a shell understands', () => {
    const programs = Object.entries(benchmark('1.2.3', "/a root's/folder")).filter(([name]) => name.endsWith('.sh'))
    const { status, stderr } = spawnSync('sh', ['-n'], { input: programs.map(([, text]) => text).join('\n'), encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  })

  it('are a benchmark that OpenSCAP takes', function () {
    if (!hasOpenScap) return this.skip()
    const folder = mkdtempSync(join(tmpdir(), 'quartermaster-benchmark-'))
    for (const [name, text] of Object.entries(benchmark('1.2.3'))) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const { status, stdout, stderr } = spawnSync('oscap', ['xccdf', 'validate', benchmarkFile], { cwd: folder, encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    assert.equal(status, 0, stdout + stderr)
  })

  it('find what the installer did, and what somebody undid', function () {
    if (!hasOpenScap) return this.skip()
    const host = pretendedHost({ profile: 'stig' })
    try {
      install(deedsFor(host), host, { isDry: false, say: () => {} })
      // What needs no program of the machine, which is only pretended.
      const passing = ['audit-rules', 'kernel-network', 'notice', 'profile', 'unused-modules']
      const before = evaluate({ version: '1.2.3', root: host.folder, only: [...passing, 'fips-module', 'tls'] })
      for (const id of passing) {
        const { verdict, found } = before.find(({ rule }) => rule.id === id)!
        assert.equal(verdict, 'pass', `${id}: ${found}`)
      }
      writeFileSync(host.at('/etc/sysctl.d/99-mine.conf'), 'net.ipv4.ip_forward = 1\n')
      const [after] = evaluate({ version: '1.2.3', root: host.folder, only: ['kernel-network'] })
      assert.deepEqual([after?.verdict, after?.found], ['fail', 'net.ipv4.ip_forward is not 0'])
      assert.equal(before.find(({ rule }) => rule.id === 'fips-module')?.verdict, 'open')
      assert.equal(before.find(({ rule }) => rule.id === 'tls')?.verdict, 'not applicable')
    } finally {
      host.remove()
    }
  })
})
