import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { Refusal } from '../../src/rules/refusal.ts'
import { backupAction, passphrase } from './backups.ts'
import type { Machine } from './machine.ts'
import { backupFile, pathOf, readPlaceName } from './places.ts'
import { backupProgram, serverProgram } from './programs.ts'
import { bringSettingsBack, type DifferentSetting, forgetFormerSettings, takeSettings } from './restoredSettings.ts'

/** So long a server may take to be ready after a restore. */
const patience = 120_000

const turnServer = (machine: Machine, verb: 'start' | 'stop') =>
  machine.run('/usr/bin/systemctl', [verb, 'quartermaster.service'], { timeout: 180_000 })

export const restoreDatabase = backupAction({
  name: 'database_restore',
  sentence: 'Put a backup in the place of the server; what was there is kept until "restore accept"',
  input: z.strictObject({ file: backupFile('which backup'), passphrase }),
  positionals: ['file'],
  secrets: ['passphrase'],
  job: true,
  confirm: ({ file }) => readPlaceName(file).name,
  async run({ file, passphrase: secret }, machine) {
    const path = pathOf(machine, file)
    // "Restore: checks everything first; stops services": what is refused here takes no moment of the server from anybody.
    await backupProgram(machine, ['check', path], secret)
    machine.tell({ step: 'stopping the server' })
    await turnServer(machine, 'stop')
    try {
      const restored = (await backupProgram(machine, ['restore', path, '--replace'], secret)) as Restored
      forgetFormerSettings(machine)
      const { taken, differ } = takeSettings(machine, restored.differs)
      await startHealthy(machine)
      // There is no way back to a server that held nothing.
      if (!restored.kept) forgetFormerSettings(machine)
      return {
        file,
        restored: true,
        kept: restored.kept,
        ...(taken.length > 0 && { settingsTaken: taken }),
        ...(differ.length > 0 && { settingsThatDiffer: differ.map(({ setting, here, before }) => ({ setting, here, before })) }),
        next: '"restore accept" drops what was here before; "restore undo" brings it back.',
      }
    } catch (error) {
      if (error instanceof Unhealthy) return await goBack(machine, error)
      machine.tell({ step: 'starting the server as it was' })
      await turnServer(machine, 'start')
      throw error
    }
  },
})

type Restored = { kept: boolean; differs: DifferentSetting[] }

class Unhealthy extends Error {}

async function startHealthy(machine: Machine): Promise<void> {
  machine.tell({ step: 'starting the server' })
  await turnServer(machine, 'start')
  machine.tell({ step: 'asking the server whether it is well' })
  const deadline = performance.now() + patience
  for (;;) {
    try {
      return void (await serverProgram(machine, ['health']))
    } catch (error) {
      if (performance.now() > deadline) throw new Unhealthy((error as Error).message)
      await pause(1000, undefined, { signal: machine.signal })
    }
  }
}

async function goBack(machine: Machine, why: Unhealthy): Promise<never> {
  machine.tell({ step: 'bringing back what was there' })
  await turnServer(machine, 'stop')
  await backupProgram(machine, ['undo'])
  bringSettingsBack(machine)
  await turnServer(machine, 'start')
  throw new Refusal('CONFLICT', `The restored server did not become ready, and all is as it was before. It said: ${why.message}`)
}

export const acceptRestore = backupAction({
  name: 'restore accept',
  sentence: 'Take the restored server for good: what was there before is dropped',
  input: z.strictObject({}),
  job: true,
  confirm: () => 'accept',
  async run(_input, machine) {
    const accepted = await backupProgram(machine, ['accept'])
    forgetFormerSettings(machine)
    return accepted
  },
})

export const undoRestore = backupAction({
  name: 'restore undo',
  sentence: 'Bring back what was there before the restore',
  input: z.strictObject({}),
  job: true,
  confirm: () => 'undo',
  async run(_input, machine) {
    await turnServer(machine, 'stop')
    try {
      const undone = await backupProgram(machine, ['undo'])
      bringSettingsBack(machine)
      return undone
    } finally {
      await turnServer(machine, 'start')
    }
  },
})
