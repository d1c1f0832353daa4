import { z } from 'zod'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { type Action, action, type Json, profiles } from './action.ts'
import { backupFile, pathOf } from './places.ts'
import { backupProgram } from './programs.ts'
import { put, remoteOf } from './sftp.ts'

export const passphrase = z.string().min(1).max(1000).describe('the passphrase of the backup')
const newPassphrase = passphrase.meta({ twice: true })

/** What all deeds with backups have in common: the operator's console does them, in both profiles. */
export const backupAction = <Input extends z.ZodObject, Answer extends Json>(
  values: Omit<Action<Input, Answer>, 'subject' | 'profiles' | 'callers'>,
): Action => action<Input, Answer>({ subject: 'backup', profiles, callers: ['console'], ...values })

export const takeBackup = backupAction({
  name: 'database_backup',
  sentence: 'Take a backup; the server goes on meanwhile',
  input: z.strictObject({
    passphrase: newPassphrase,
    to: z.string().max(500).optional().describe('a copy to another machine: sftp://user@host/folder'),
  }),
  secrets: ['passphrase'],
  job: true,
  anywhere: true,
  async run({ passphrase: secret, to }, machine) {
    const remote = to && to !== 'backups:' ? remoteOf(to) : undefined
    const taken = (await backupProgram(machine, ['create'], secret)) as { name: string; path: string; bytes: number }
    if (remote) await put(machine, taken.path, { ...remote, path: `${remote.path.replace(/\/$/, '')}/${taken.name}` })
    return { file: `backups:${taken.name}`, bytes: taken.bytes, ...(remote ? { copiedTo: remote.host } : {}) }
  },
})

export const listBackups = backupAction({
  name: 'backup list',
  sentence: 'The backups on this machine, the newest first',
  input: z.strictObject({}),
  anywhere: true,
  async run(_input, machine) {
    const { files, unreadable } = (await backupProgram(machine, ['list'])) as { files: Listed[]; unreadable: string[] }
    const backups = files.map(({ name, bytes, createdAt, release, schema, host }) => ({ name, bytes, createdAt, release, schema, host }))
    return { backups, ...(unreadable.length > 0 ? { unreadable } : {}) }
  },
})
type Listed = { name: string; bytes: number; createdAt: string; release: string; schema: number; host: string }

export const verifyBackup = backupAction({
  name: 'backup verify',
  sentence: 'Restore a backup on trial, check all of it, and drop it again',
  input: z.strictObject({ file: backupFile('which backup'), passphrase }),
  positionals: ['file'],
  secrets: ['passphrase'],
  job: true,
  anywhere: true,
  async run({ file, passphrase: secret }, machine) {
    const found = (await backupProgram(machine, ['verify', pathOf(machine, file)], secret)) as { name: string; counts: Json; keys: Json }
    return { file, whole: true, rows: found.counts, keys: found.keys }
  },
})

export const scheduleBackups = backupAction({
  name: 'backup schedule',
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
  anywhere: true,
  run({ every, passphrase: secret, to, host_key, ...numbers }, machine) {
    if (!every) return backupProgram(machine, ['schedule'])
    refuseUnless(secret || every === 'off', 'INVALID', 'Give the passphrase that these backups are to be locked with.', 'passphrase')
    const named = Object.entries({ ...numbers, to, host_key }).filter(([, value]) => value !== undefined)
    const words = named.map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`)
    return backupProgram(machine, ['schedule', `--every=${every}`, ...words], secret ?? 'no backups are taken by themselves')
  },
})
