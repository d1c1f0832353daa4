import assert from 'node:assert/strict'
import { resume, upgrade } from '../../appliance/upgrade/upgrade.ts'
import { type Appliance, broken, hopeless, narrowing, newAppliance, thinRelease, widening } from '../support/appliance.ts'

/** `npm run upgrade:try`: everything that an upgrade may meet, each with real servers and processes. It takes minutes. */
describe('an upgrade that meets with trouble', function () {
  this.timeout(1_800_000)
  let appliance: Appliance
  let second: string
  before(async () => {
    appliance = await newAppliance()
    second = await thinRelease('0.3.0', [widening])
  })
  after(() => appliance?.remove())
  /** A busy machine may let a question wait; a server that is gone is started by nobody, and is found out. */
  const well = () => appliance.ground.waitUntilWell(appliance.healthy)

  it('leaves the old release as it was when the new one does not prove itself in its laboratory', async () => {
    const { outcome, reason } = await upgrade(appliance.ground, await thinRelease('0.2.9', [hopeless]))
    assert.deepEqual([outcome, appliance.current(), appliance.installed()], ['abandoned', '0.2.0', ['0.2.0']])
    assert.match(reason!, /did not prove itself .* hopeless on purpose/)
    await well()
  })

  it('goes back by itself when the new release is not well', async () => {
    let waited = 0
    // The broken one is given little time, and the one that comes back all that it needs.
    const patience = {
      every: 100,
      times: 2,
      get within() {
        return waited++ === 0 ? 5000 : 180_000
      },
    }
    const { outcome, reason, backup } = await upgrade({ ...appliance.ground, patience }, await thinRelease('0.2.9', [widening, broken]))
    assert.deepEqual([outcome, appliance.current(), appliance.installed()], ['rolled back', '0.2.0', ['0.2.0']], String(reason))
    assert.match(reason!, /not well after 5 s: (Nothing answers|It does not answer)/)
    assert.match(backup!, /^onprem-.*-0\.2\.0-.*\.qmb$/)
    // The old release goes on, and was started again, on the schema of the new one.
    assert.equal((await appliance.report(3)).code, 0)
  })

  for (const step of ['verify', 'prepare', 'backup', 'backup+', 'unpack', 'unpack+', 'rehearse', 'migrate'])
    it(`leaves the old release when it is killed at "${step}"`, async () => {
      assert.equal(await appliance.upgradeAndDie(second, step), 'SIGKILL')
      await well()
      const entry = await resume(appliance.ground)
      // At the migration it was on its way, and goes on.
      const expected = step === 'verify' ? [undefined, '0.2.0'] : step === 'migrate' ? ['done', '0.3.0'] : ['abandoned', '0.2.0']
      assert.deepEqual([entry?.outcome, appliance.current()], expected, String(entry?.reason))
      if (step !== 'migrate') assert.deepEqual(appliance.installed(), ['0.2.0'])
      assert.equal(appliance.journal(), undefined)
      await well()
      assert.equal((await appliance.report(5)).code, 0)
    })

  for (const [step, version] of [
    ['switch', '0.4.0'],
    ['restart', '0.5.0'],
    ['check', '0.6.0'],
  ] as const)
    it(`comes to the new release when it is killed at "${step}", and keeps the one before`, async () => {
      const before = appliance.current()
      assert.equal(await appliance.upgradeAndDie(await thinRelease(version, [widening, narrowing]), step), 'SIGKILL')
      assert.equal(appliance.journal()?.step, step)
      const entry = await resume(appliance.ground)
      assert.deepEqual(
        [entry?.outcome, appliance.current(), appliance.installed()],
        ['done', version, [before, version]],
        String(entry?.reason),
      )
      assert.equal(await resume(appliance.ground), undefined)
      assert.equal((await appliance.report(6)).code, 0)
    })

  it('ends with the former release when it is killed while it goes back', async () => {
    const before = appliance.current()
    const ill = await thinRelease('0.7.0', [widening, narrowing, broken])
    assert.equal(await appliance.upgradeAndDie(ill, 'restart'), 'SIGKILL')
    // Whoever comes next ends what was begun first: it finds that the release is not well, and is killed on its way back.
    assert.equal(await appliance.upgradeAndDie(ill, 'going back'), 'SIGKILL')
    assert.equal(appliance.journal()?.direction, 'back')
    const entry = await resume(appliance.ground)
    assert.deepEqual([entry?.outcome, appliance.current()], ['rolled back', before], String(entry?.reason))
    assert.ok(!appliance.installed().includes('0.7.0'))
    await well()
  })
})
