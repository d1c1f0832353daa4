import { parseArgs } from 'node:util'
import { scheduleBackups } from '../../administration/backup/scheduleBackups.ts'
import type { BackupSchedule } from '../../rules/backups.ts'
import { type Destination, findBackupSchedule } from '../../storage/backupSchedule.ts'
import { operator, withContext } from '../operator.ts'
import { UsageError } from './exitCodes.ts'
import type { Command } from './paper.ts'
import { readPassphrase } from './passphrase.ts'

const options = {
  every: { type: 'string' },
  hour: { type: 'string', default: '2' },
  'keep-daily': { type: 'string', default: '7' },
  'keep-weekly': { type: 'string', default: '4' },
  'keep-monthly': { type: 'string', default: '12' },
  to: { type: 'string' },
  'host-key': { type: 'string' },
  'thin-copies': { type: 'boolean' },
  'passphrase-file': { type: 'string' },
} as const

/** `schedule` shows it, `schedule --every …` decides it anew. */
export const schedule: Command = {
  words:
    'schedule [--every off|daily|weekly|monthly [--hour 2] [--keep-daily 7] [--keep-weekly 4] [--keep-monthly 12] [--to sftp://user@host[:port]/folder --host-key "KIND KEY" [--thin-copies]]]',
  summary: 'show when backups are taken by themselves, or decide it; each is verified, and copied where --to says',
  async run(config, words) {
    const { values } = parseArgs({ args: words, options })
    const { every } = values
    if (every === undefined) return withContext(config, async ({ storage }) => shown(await findBackupSchedule(storage.db)))
    const wish = {
      frequency: every as BackupSchedule['frequency'],
      hour: Number(values.hour),
      keep: { daily: Number(values['keep-daily']), weekly: Number(values['keep-weekly']), monthly: Number(values['keep-monthly']) },
      destination: values.to ? { ...destinationOf(values.to, values['host-key'] ?? ''), thin: values['thin-copies'] ?? false } : null,
      passphrase: await readPassphrase(values['passphrase-file'], { twice: true }),
    }
    return withContext(config, async context => {
      await scheduleBackups(context, operator, wish)
      return shown(await findBackupSchedule(context.storage.db))
    })
  },
}

function destinationOf(address: string, hostKey: string): Destination {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol !== 'sftp:' || url.password)
    throw new UsageError('Say where to as sftp://user@host/folder; a key lets it in, never a password.')
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 22), user: url.username, folder: url.pathname, hostKey }
}

function shown(found: Awaited<ReturnType<typeof findBackupSchedule>>) {
  if (!found) return { lines: ['Backups are taken only when somebody asks.'], data: { frequency: 'off' } }
  const { passphrase: _, ...data } = found
  const kept = `keeps ${data.keep.daily} daily, ${data.keep.weekly} weekly, ${data.keep.monthly} monthly`
  const next = data.nextAt ? `; next on ${data.nextAt.toISOString()}` : ''
  return { lines: [`${data.frequency}, ${kept}${data.destination ? `, copies to ${data.destination.host}` : ''}${next}`], data }
}
