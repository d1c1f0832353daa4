import assert from 'node:assert/strict'
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bootDebian } from '../../support/debianMachine.ts'
import { layOver } from '../../support/layers.ts'
import { machineName } from './makeMachine.ts'
import { atTheConsole, identified, product, type Trial, untilReady } from './trial.ts'

const minutes = 60_000
const passphrase = 'a passphrase of the trial'
const laboratory = 'var/lib/quartermaster-laboratory'

/**
 * The machine dies, and another one, on which nothing but the release was installed, takes its place from a backup that an operator brought away: the
 * product goes on without registering again.
 */
export async function restores(trial: Trial): Promise<void> {
  const { machine, fileHost, say } = trial
  const there = `${fileHost.user}@${fileHost.address}:/home/${fileHost.user}/`
  const name = await takenAway(trial, there)
  const before = product(trial, 'show', 'license', 'summary')
  await machine.stop()
  say('A backup was taken and copied away by SFTP, and the machine is gone.')

  const layer = layOver(trial.roots.bare, join(trial.place, 'second'))
  const second = await bootDebian(layer.folder, machineName)
  try {
    await fileHost.standBeside(second)
    await restored({ ...trial, machine: second }, there, name)
    cpSync(join(machine.folder, laboratory), join(second.folder, laboratory), { recursive: true })
    product({ machine: second }, 'renew', 'auth')
    assert.match(product({ machine: second }, 'show', 'license', 'summary'), /REGISTERED|Registered/i, before)
    say('The product asked the new machine for its authorization, without registering again.')
  } finally {
    await second.stop()
    layer.unmount()
  }
}

async function takenAway(trial: Trial, there: string): Promise<string> {
  const operator = await atTheConsole(trial, 'first machine')
  try {
    const taken = await operator.does('database_backup', /File +backups:onprem-\S+\.qmb/, {
      answers: [passphrase, passphrase],
      limit: 5 * minutes,
    })
    const name = /backups:(onprem-\S+\.qmb)/.exec(taken)![1]!
    const answers = identified(trial.fileHost)
    await operator.does(`copy backups:${name} ${there}`, /Copied +backups:/, { answers, limit: 2 * minutes, name: 'copy away' })
    assert.deepEqual(
      readdirSync(trial.fileHost.home).filter(each => each.endsWith('.qmb')),
      [name],
    )
    return name
  } finally {
    operator.close()
  }
}

async function restored(trial: Trial, there: string, name: string): Promise<void> {
  await untilReady(trial)
  const operator = await atTheConsole(trial, 'second machine')
  try {
    const answers = identified(trial.fileHost)
    await operator.does(`copy ${there}${name} backups:`, /Copied/, { answers, limit: 2 * minutes, name: 'copy here' })
    const restore = (typed: string, shows: RegExp, as: string) =>
      operator.does(`database_restore backups:${name}`, shows, {
        answers: [typed, { to: /Type onprem-/, say: name }],
        limit: 10 * minutes,
        name: as,
      })
    await restore('not the passphrase', /not the passphrase/, 'database_restore refused')
    await restore(passphrase, /Restored +yes/, 'database_restore')
    await untilReady(trial)
    await operator.does('alerts', /alerts|None|Severity/i, { name: 'alerts after the restore' })
    trial.say('A second machine refused a wrong passphrase, took the backup with the right one, and serves.')
  } finally {
    operator.close()
  }
}
