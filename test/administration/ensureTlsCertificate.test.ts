import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureTlsCertificate } from '../../src/administration/ensureTlsCertificate.ts'
import { day } from '../../src/rules/clock.ts'
import { type TestClock, testClock } from '../support/clock.ts'
import { type TestContext, testContext } from '../support/context.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

describe('the certificate of a port', () => {
  let database: TestDatabase
  let clock: TestClock
  let context: TestContext
  let dataFolder: string
  beforeEach(async () => {
    database = await createTestDatabase()
    clock = testClock()
    dataFolder = mkdtempSync(join(tmpdir(), 'quartermaster-tls-'))
    const base = testContext(database.storage, clock)
    context = { ...base, config: { ...base.config, dataFolder, hostNames: ['licenses.example', '192.0.2.7'] } }
  })
  afterEach(async () => {
    await database.drop()
    rmSync(dataFolder, { recursive: true })
  })

  it('is made once, names every host, and leads to a root that people find in the data folder', async () => {
    const made = await ensureTlsCertificate(context, 'browser', clock)
    assert.deepEqual(await ensureTlsCertificate(context, 'browser', clock), made)
    const certificate = new X509Certificate(made.chain)
    assert.equal(certificate.subjectAltName, 'DNS:licenses.example, IP Address:192.0.2.7')
    assert.ok(certificate.verify(new X509Certificate(made.root).publicKey))
    assert.equal(readFileSync(join(dataFolder, 'tls', 'browser-root.pem'), 'utf8'), made.root)
  })

  it('is one of its own for products', async () => {
    const [browser, device] = await Promise.all([
      ensureTlsCertificate(context, 'browser', clock),
      ensureTlsCertificate(context, 'device', clock),
    ])
    assert.notEqual(browser.root, device.root)
  })

  it('is the same from two servers that start at once', async () => {
    const [one, other] = await Promise.all([
      ensureTlsCertificate(context, 'browser', clock),
      ensureTlsCertificate(context, 'browser', clock),
    ])
    assert.deepEqual(one, other)
  })

  it('is renewed a month before its end, by the root that is trusted already', async () => {
    const first = await ensureTlsCertificate(context, 'browser', clock)
    clock.advance(365 * day)
    assert.deepEqual(await ensureTlsCertificate(context, 'browser', clock), first)
    clock.advance(2 * day)
    const second = await ensureTlsCertificate(context, 'browser', clock)
    assert.notEqual(second.chain, first.chain)
    assert.equal(second.root, first.root)
    assert.ok(new X509Certificate(second.chain).validToDate > clock.now())
  })

  it('keeps its keys sealed', async () => {
    await ensureTlsCertificate(context, 'browser', clock)
    const row = await database.storage.db('tls_certificates').first()
    for (const sealed of [row.private_key, row.root_key]) assert.ok(!sealed.toString('latin1').includes('PRIVATE KEY'))
  })
})
