import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newReleaseKey } from '../../appliance/release/releaseKey.ts'
import { switchTo } from '../../appliance/upgrade/installed.ts'
import { checkRelease, rollBack, upgrade, upgradeHistory } from '../../appliance/upgrade/upgrade.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { type Appliance, newAppliance, thinRelease, widening } from '../support/appliance.ts'
import { newFolder } from '../support/folders.ts'

/** A release is installed and serves, products report, and the next ones come: good ones, broken ones, and ones that are none. */
describe('upgrading an appliance', function () {
  this.timeout(240_000)
  let appliance: Appliance
  let second: string
  before(async () => {
    appliance = await newAppliance()
    second = await thinRelease('0.3.0', [widening])
  })
  after(() => appliance?.remove())

  const told: string[] = []
  const ground = () => ({ ...appliance.ground, tell: (progress: object) => void ('step' in progress && told.push(String(progress.step))) })
  const whatIsThere = () => [appliance.current(), appliance.installed(), appliance.journal()]
  const schemaOf = async () => {
    const { db } = (await appliance.machine.open()).context.storage
    return (await db('migrations').max('name as newest').first())!.newest as string
  }
  const refused = (code: string, words: RegExp) => (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, words)
    return true
  }

  it('refuses, with nothing changed, what is no release, altered, cut short, a stranger’s, older, the same, or too far ahead', async () => {
    const folder = newFolder('refused')
    const bytes = readFileSync(second)
    const changed = (name: string, content: Uint8Array) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const flipped = Buffer.from(bytes)
    flipped[Math.floor(bytes.length * 0.7)]! ^= 1
    for (const [file, code, words] of [
      [changed('text.qmr', Buffer.from('hello')), 'FILE_MALFORMED', /not a release/],
      [changed('cut.qmr', bytes.subarray(0, bytes.length / 2)), 'FILE_MALFORMED', /cut short/],
      [changed('flipped.qmr', flipped), 'BAD_SIGNATURE', /altered/],
      [await thinRelease('0.3.1', [], { key: newReleaseKey().privateKey }), 'UNTRUSTED_CERT', /signed by a key/],
      [await thinRelease('0.1.9', [], { upgradesFrom: '0.1.0' }), 'FILE_OLD', /older than 0\.2\.0/],
      [await thinRelease('0.2.0'), 'FILE_SAME', /installed already/],
      [await thinRelease('2.0.0', [], { upgradesFrom: '1.0.0' }), 'UNSUPPORTED_VERSION', /takes over from 1\.0\.0 or newer, and 0\.2\.0/],
    ] as const) {
      const before = whatIsThere()
      await assert.rejects(checkRelease(ground(), file), refused(code, words), file)
      await assert.rejects(upgrade(ground(), file), refused(code, words), file)
      assert.deepEqual(whatIsThere(), before)
    }
    await appliance.healthy()
    assert.deepEqual(upgradeHistory(appliance.place.releases).entries, [])
  })

  it('puts a newer one in its place while a product goes on, and remembers it', async () => {
    told.length = 0
    let [reports, over] = [0, false]
    const reporting = (async () => {
      for (let count = 1; !over; count = (count % 50) + 1) {
        const { code, out, err } = await appliance.report(count)
        // Between two servers nobody listens, and a product comes again; none is ever told that the server is at fault.
        if (code === 0) reports++
        assert.doesNotMatch(out + err, /server error/i)
      }
    })()
    const done = await upgrade(ground(), second)
    over = true
    await reporting
    assert.deepEqual([done.outcome, done.reason, appliance.current(), appliance.installed()], ['done', null, '0.3.0', ['0.2.0', '0.3.0']])
    assert.deepEqual([...new Set(told)], ['verify', 'prepare', 'backup', 'unpack', 'rehearse', 'migrate', 'switch', 'restart', 'check'])
    assert.ok(reports > 0)
    assert.match((await appliance.report(7)).out, /In use: ADVANTAGE 7\. Authorization: AUTHORIZED/)
    assert.equal(appliance.journal(), undefined)
    assert.deepEqual(
      upgradeHistory(appliance.place.releases).entries.map(({ from, to, outcome }) => `${from} ${to} ${outcome}`),
      ['0.2.0 0.3.0 done'],
    )
  })

  it('goes back by hand, on the database as it is, and no further', async () => {
    assert.deepEqual([(await rollBack(ground())).outcome, appliance.current()], ['done', '0.2.0'])
    assert.match(await schemaOf(), /^0901/)
    assert.equal((await appliance.report(8)).code, 0)
    await assert.rejects(rollBack(ground()), refused('NOT_FOUND', /No release is kept that was there before 0\.2\.0/))
  })

  it('does not go back once the database has lost what the former release needs', async () => {
    switchTo(appliance.place.releases, '0.3.0')
    await (await appliance.machine.open()).context.storage.db('schema_compatibility').update({ least_known: 901 })
    const words = /takes a release that knows schema 901; 0\.2\.0 knows \d+\. To go back to 0\.2\.0, restore a backup/
    await assert.rejects(rollBack(ground()), refused('UNSUPPORTED_VERSION', words))
    assert.equal(appliance.current(), '0.3.0')
  })
})
