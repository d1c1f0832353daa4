import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureTlsCertificate } from '../../src/administration/ensureTlsCertificate.ts'
import { hour } from '../../src/rules/clock.ts'
import { beginBackup, finishBackup } from '../../src/storage/backups.ts'
import { type ApiSite, openApiSite } from '../support/apiSite.ts'

const ready = 'appliance/monitoring'
const promtool = (args: string[], input?: string) =>
  spawnSync('promtool', args, { encoding: 'utf8', ...(input !== undefined && { input }) })
const hasPromtool = promtool(['--version']).status === 0

/** Every measure of ours that a text names. */
const namesIn = (text: string) => [...new Set(text.match(/\b(quartermaster_[a-z_]+|process_[a-z_]+)\b/g))].sort()

describe('what a monitoring system is given', () => {
  let site: ApiSite
  let folder: string
  const read = async (accept = 'text/plain') =>
    (await site.send('GET', '/metrics', { token: await site.token({ scopes: ['metrics'] }), headers: { accept } })).body

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quartermaster-monitoring-'))
    site = await openApiSite({ deviceMessages: () => [{ type: 'HELLO', transport: 'call-home', result: 'OK', count: 1 }] })
    site.context.config = { ...site.context.config, pairStatusFile: join(folder, 'status.json') }
    const at = site.clock.now()
    const witness = { url: 'https://witness.example.com:7443', reachable: true }
    const pair = { at, node: 'a', peer: 'b', state: 'active', epoch: 7, mode: 'sync', virtualIp: '192.0.2.10', sentence: 'Well.' }
    const more = { lagBytes: 0, replication: 'synchronous', fence: 'witness', witness, release: '1.0.0', peerRelease: null, history: [] }
    writeFileSync(site.context.config.pairStatusFile, JSON.stringify({ ...pair, ...more }))
    await ensureTlsCertificate(site.context, 'browser')
  })
  after(async () => {
    await site.close()
    rmSync(folder, { recursive: true })
  })

  it('tells of backups: the age of the newest whole one, and whether the last one failed', async () => {
    const { db } = site.context.storage
    assert.doesNotMatch(await read(), /quartermaster_backup_/)
    const take = async (state: 'done' | 'failed') => {
      const id = await beginBackup(db, { origin: 'schedule', startedBy: 'The schedule', startedAt: site.clock.now() })
      await finishBackup(db, id, { state, finishedAt: site.clock.now(), name: null, bytes: null, message: null })
    }
    await take('done')
    site.clock.advance(hour)
    assert.match(await read(), /^quartermaster_backup_age_seconds 3600$[\s\S]*^quartermaster_backup_failed 0$/m)
    await take('failed')
    assert.match(await read(), /^quartermaster_backup_age_seconds 3600$[\s\S]*^quartermaster_backup_failed 1$/m)
  })

  it('tells when the certificate that browsers see ends', async () => {
    const [, seconds] = /^quartermaster_certificate_end_seconds\{purpose="browser"\} (\S+)$/m.exec(await read()) ?? []
    const { not_after: end } = await site.context.storage.db('tls_certificates').where({ purpose: 'browser' }).first()
    assert.equal(Number(seconds), (end.getTime() - site.clock.now().getTime()) / 1000)
  })

  it('tells how the connections to the database are used, and who waits for one', async () => {
    const metrics = await read()
    for (const pool of ['verbs', 'pages']) {
      assert.match(metrics, new RegExp(`^quartermaster_database_connections\\{pool="${pool}",state="used"\\} \\d+$`, 'm'))
      assert.match(metrics, new RegExp(`^quartermaster_database_waiting\\{pool="${pool}"\\} 0$`, 'm'))
    }
  })

  it('is there under every name that the alert rules and the dashboard ask for', async () => {
    const there = namesIn(await read())
    for (const file of ['alerts.yml', 'dashboard.json']) {
      const asked = namesIn(readFileSync(join(ready, file), 'utf8'))
      assert.ok(asked.length > 10)
      assert.deepEqual(
        asked.filter(name => !there.includes(name)),
        [],
        file,
      )
    }
  })

  it('is read by promtool without a complaint', async function () {
    if (!hasPromtool) this.skip()
    const { status, stdout, stderr } = promtool(['check', 'metrics'], await read())
    assert.deepEqual([status, stdout, stderr], [0, '', ''])
  })

  it('comes with alert rules that speak when they should and are quiet when they should', function () {
    // Three hours of seventeen rules: a busy machine takes its time.
    this.timeout(300_000)
    if (!hasPromtool) this.skip()
    const { status, stdout, stderr } = promtool(['test', 'rules', 'test/appliance/monitoring/alerts.test.yml'])
    assert.equal(status, 0, stdout + stderr)
  })
})
