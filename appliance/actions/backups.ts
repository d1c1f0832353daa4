import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { Refusal, refuseUnless } from '../../src/rules/refusal.ts'
import { action, type Json, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { backupFile, pathOf, readPlaceName } from './places.ts'
import { backupProgram, serverProgram } from './programs.ts'
import { bringSettingsBack, type DifferentSetting, forgetFormerSettings, takeSettings } from './restoredSettings.ts'
import { put, remoteOf } from './sftp.ts'

const passphrase = z.string().min(1).max(1000).describe('the passphrase of the backup')
const newPassphrase = passphrase.meta({ twice: true })
const callers = ['console'] as const

export const takeBackup = action({
  name: 'database_backup',
  subject: 'backup',
  sentence: 'Take a backup; the server goes on meanwhile',
  input: z.strictObject({
    passphrase: newPassphrase,
    to: z.string().max(500).optional().describe('a copy to another machine: sftp://user@host/folder'),
  }),
  secrets: ['passphrase'],
  profiles,
  callers,
  job: true,
  anywhere: true,
  async run({ passphrase: secret, to }, machine) {
    const remote = to && to !== 'backups:' ? remoteOf(to) : undefined
    const taken = (await backupProgram(machine, ['create'], secret)) as { name: string; path: string; bytes: number }
    if (remote) await put(machine, taken.path, { ...remote, path: `${remote.path.replace(/\/$/, '')}/${taken.name}` })
    return { file: `backups:${taken.name}`, bytes: taken.bytes, ...(remote ? { copiedTo: remote.host } : {}) }
  },
})

export const listBackups = action({
  name: 'backup list',
  subject: 'backup',
  sentence: 'The backups on this machine, the newest first',
  input: z.strictObject({}),
  profiles,
  callers,
  anywhere: true,
  async run(_input, machine) {
    const { files, unreadable } = (await backupProgram(machine, ['list'])) as { files: Listed[]; unreadable: string[] }
    const backups = files.map(({ name, bytes, createdAt, release, schema, host }) => ({ name, bytes, createdAt, release, schema, host }))
    return { backups, ...(unreadable.length > 0 ? { unreadable } : {}) }
  },
})
type Listed = { name: string; bytes: number; createdAt: string; release: string; schema: number; host: string }

export const verifyBackup = action({
  name: 'backup verify',
  subject: 'backup',
  sentence: 'Restore a backup on trial, check all of it, and drop it again',
  input: z.strictObject({ file: backupFile('which backup'), passphrase }),
  positionals: ['file'],
  secrets: ['passphrase'],
  profiles,
  callers,
  job: true,
  anywhere: true,
  async run({ file, passphrase: secret }, machine) {
    const found = (await backupProgram(machine, ['verify', pathOf(machine, file)], secret)) as { name: string; counts: Json; keys: Json }
    return { file, whole: true, rows: found.counts, keys: found.keys }
  },
})

export const scheduleBackups = action({
  name: 'backup schedule',
  subject: 'backup',
  sentence: 'Show when backups are taken by themselves, or decide it',
  input: z.strictObject({
    every: z.enum(['off', 'daily', 'weekly', 'monthly']).optional().describe('how often; left out: show what is set'),
    hour: z.coerce.number().int().min(0).max(23).optional().describe('from which hour on, UTC'),
    keep_daily: z.coerce.number().int().min(0).max(1000).optional().describe('how many daily ones are kept'),
    keep_weekly: z.coerce.number().int().min(0).max(1000).optional().describe('how many weekly ones are kept'),
    keep_monthly: z.coerce.number().int().min(0).max(1000).optional().describe('how many monthly ones are kept'),
    to: z.string().max(500).optional().describe('where copies go: sftp://user@host/folder'),
    host_key: z.string().max(1000).optional().describe('the public key of that host, of its ssh_host_*_key.pub'),
    passphrase: newPassphrase.optional(),
  }),
  positionals: ['every'],
  secrets: ['passphrase'],
  profiles,
  callers,
  anywhere: true,
  run({ every, passphrase: secret, to, host_key, ...numbers }, machine) {
    if (!every) return backupProgram(machine, ['schedule'])
    refuseUnless(secret || every === 'off', 'INVALID', 'Give the passphrase that these backups are to be locked with.', 'passphrase')
    const named = Object.entries({ ...numbers, to, host_key }).filter(([, value]) => value !== undefined)
    const words = named.map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`)
    return backupProgram(machine, ['schedule', `--every=${every}`, ...words], secret ?? 'no backups are taken by themselves')
  },
})

/** So long a server may take to be ready after a restore. */
const patience = 120_000
const systemctl = '/usr/bin/systemctl'
const server = 'quartermaster.service'

export const restoreDatabase = action({
  name: 'database_restore',
  subject: 'backup',
  sentence: 'Put a backup in the place of the server; what was there is kept until "restore accept"',
  input: z.strictObject({ file: backupFile('which backup'), passphrase }),
  positionals: ['file'],
  secrets: ['passphrase'],
  profiles,
  callers,
  job: true,
  confirm: ({ file }) => readPlaceName(file).name,
  async run({ file, passphrase: secret }, machine) {
    const path = pathOf(machine, file)
    machine.tell({ step: 'stopping the server' })
    await machine.run(systemctl, ['stop', server], { timeout: 180_000 })
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
      await machine.run(systemctl, ['start', server], { timeout: 180_000 })
      throw error
    }
  },
})

type Restored = { kept: boolean; differs: DifferentSetting[] }

class Unhealthy extends Error {}

async function startHealthy(machine: Machine): Promise<void> {
  machine.tell({ step: 'starting the server' })
  await machine.run(systemctl, ['start', server], { timeout: 180_000 })
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
  await machine.run(systemctl, ['stop', server], { timeout: 180_000 })
  await backupProgram(machine, ['undo'])
  bringSettingsBack(machine)
  await machine.run(systemctl, ['start', server], { timeout: 180_000 })
  throw new Refusal('CONFLICT', `The restored server did not become ready, and all is as it was before. It said: ${why.message}`)
}

export const acceptRestore = action({
  name: 'restore accept',
  subject: 'backup',
  sentence: 'Take the restored server for good: what was there before is dropped',
  input: z.strictObject({}),
  profiles,
  callers,
  job: true,
  confirm: () => 'accept',
  async run(_input, machine) {
    const accepted = await backupProgram(machine, ['accept'])
    forgetFormerSettings(machine)
    return accepted
  },
})

export const undoRestore = action({
  name: 'restore undo',
  subject: 'backup',
  sentence: 'Bring back what was there before the restore',
  input: z.strictObject({}),
  profiles,
  callers,
  job: true,
  confirm: () => 'undo',
  async run(_input, machine) {
    await machine.run(systemctl, ['stop', server], { timeout: 180_000 })
    try {
      const undone = await backupProgram(machine, ['undo'])
      bringSettingsBack(machine)
      return undone
    } finally {
      await machine.run(systemctl, ['start', server], { timeout: 180_000 })
    }
  },
})
