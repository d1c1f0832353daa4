import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { until } from '../../support/until.ts'
import { atTheConsole, identified, product, readiness, type Trial, untilReady } from './trial.ts'

const minutes = 60_000

/** Upgrades by the console of the live appliance: good, not well, gone back from, and with the power lost in the middle. `broken` does not serve. */
export async function upgrades(trial: Trial): Promise<void> {
  const { machine, fileHost, releases, say } = trial
  const operator = await atTheConsole(trial, 'upgrade')
  const { does } = operator
  const [good, broken] = [releases['0.9.1']!, releases['0.9.2']!]
  const current = () => machine.must('readlink', '/opt/quartermaster/current').trim()
  const upgrade = (archive: string, shows: RegExp, name: string) =>
    does(`upgrade patches:${basename(archive)}`, shows, { answers: ['upgrade'], limit: 10 * minutes, name })
  try {
    copyFileSync(good, join(fileHost.home, basename(good)))
    const from = `${fileHost.user}@${fileHost.address}:/home/${fileHost.user}/${basename(good)}`
    await does(`copy ${from} patches:`, /Copied/, { answers: identified(fileHost), limit: 2 * minutes, name: 'copy a release' })
    const checked = await does(`upgrade check patches:${basename(good)}`, /Version +0\.9\.1/, { limit: 2 * minutes, name: 'upgrade check' })
    assert.match(checked, /Signed by/)
    await upgrade(good, /Outcome +(done|rolled|abandoned|failed)/, 'upgrade by SFTP')
    assert.match(operator.screen(), /Outcome +done/)
    assert.deepEqual([current(), readiness(trial)?.release], ['releases/0.9.1', '0.9.1'])
    product(trial, 'renew', 'auth')
    say('0.9.1, brought by SFTP, took the place of 0.9.0; /health/ready names it, and the product goes on.')
    const helperIs = () => /Release +0\.9\.1/.test(machine.run('/usr/local/bin/quartermaster-console', 'version').out)
    await until(helperIs, minutes)
    say('The helper is of the new release, too.')

    await does('rollback', /Outcome +done/, { answers: ['rollback'], limit: 10 * minutes })
    await untilReady(trial)
    assert.deepEqual([current(), readiness(trial)?.release], ['releases/0.9.0', '0.9.0'])
    product(trial, 'renew', 'auth')
    say('"rollback" went back to 0.9.0, and the product goes on.')

    copyFileSync(broken, join(machine.folder, 'var/lib/quartermaster/patches', basename(broken)))
    await upgrade(broken, /Outcome +(done|rolled|abandoned|failed)/, 'upgrade that is not well')
    assert.match(operator.screen(), /Outcome +rolled back/)
    assert.deepEqual([current(), readiness(trial)?.release], ['releases/0.9.0', '0.9.0'])
    product(trial, 'renew', 'auth')
    say('0.9.2, which does not serve, was found out by the health check; 0.9.0 was put back by itself, and the product goes on.')
    await does('upgrade history', /Entries/)
  } finally {
    operator.close()
  }
}

/** What interrupts an upgrade: the power, or somebody who kills the upgrader, and a machine that is started again. */
const interruptions = {
  'the power was lost': ({ machine }: Trial) => machine.losePower(),
  async 'the upgrader was killed, and the machine started again'({ machine }: Trial) {
    const pid = machine.must('pgrep', '-f', 'appliance/upgrade/main.ts apply').trim().split('\n')[0]!
    machine.must('kill', '-KILL', pid)
    await machine.restart()
  },
}

/** An upgrade is interrupted at a step: the machine comes up with the old release or the new one, serves, and says what came of it. */
export async function interruptedUpgrades(trial: Trial): Promise<void> {
  const { machine, releases, say, fileHost } = trial
  const good = releases['0.9.1']!
  copyFileSync(good, join(machine.folder, 'var/lib/quartermaster/patches', basename(good)))
  for (const [step, how, release] of [
    ['rehearse', 'the power was lost', '0.9.0'],
    ['backup', 'the upgrader was killed, and the machine started again', '0.9.0'],
    ['restart', 'the power was lost', '0.9.1'],
  ] as const) {
    const operator = await atTheConsole(trial, `interrupted at ${step}`)
    try {
      operator.type(`upgrade patches:${basename(good)}`)
      operator.press('Enter')
      await operator.shows(/Type upgrade/)
      operator.type('upgrade')
      operator.press('Enter')
      await until(() => stepOf(trial) === step, 10 * minutes)
    } finally {
      operator.close()
    }
    await interruptions[how](trial)
    await fileHost.standBeside(machine)
    await until(() => stepOf(trial) === undefined, 5 * minutes)
    await until(() => readiness(trial)?.release === release, 5 * minutes)
    product(trial, 'renew', 'auth')
    say(`At the step "${step}" ${how}: it came up with ${release}, ended the upgrade by itself, and the product goes on.`)
  }
  const operator = await atTheConsole(trial, 'afterwards')
  try {
    assert.match(await operator.does('upgrade history', /Outcome/, { limit: minutes }), /abandoned/)
  } finally {
    operator.close()
  }
}

/** The step that an upgrade is at, by its journal; undefined where none is under way. */
function stepOf({ machine }: Trial): string | undefined {
  const { code, out } = machine.run('cat', '/opt/quartermaster/upgrade.json')
  return code === 0 ? (JSON.parse(out) as { step: string }).step : undefined
}
