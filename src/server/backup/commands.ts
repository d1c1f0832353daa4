import { parseArgs } from 'node:util'
import { listBackupFiles, pathOfBackup } from '../../administration/backup/backupsFolder.ts'
import { checkBackup } from '../../administration/backup/checkBackup.ts'
import { deleteBackup } from '../../administration/backup/deleteBackup.ts'
import type { BackupFile } from '../../administration/backup/header.ts'
import { acceptRestored, type Ground, restoreBackup, undoRestore } from '../../administration/backup/restoreBackup.ts'
import { settingLine } from '../../administration/backup/restoredSettings.ts'
import { backupSshKey } from '../../administration/backup/shipBackup.ts'
import { takeBackup } from '../../administration/backup/takeBackup.ts'
import { verifyBackup } from '../../administration/backup/verifyBackup.ts'
import { systemClock } from '../../clock.ts'
import type { Config } from '../../config.ts'
import type { Counts } from '../../storage/backup/counts.ts'
import { withDatabase } from '../database.ts'
import { operator, withContext } from '../operator.ts'
import { exitCodeWords, UsageError } from './exitCodes.ts'
import type { Command, Result } from './paper.ts'
import { readPassphrase } from './passphrase.ts'
import { schedule } from './schedule.ts'

/** Everything it does, by name. */
export const commands: Record<string, Command> = {
  create: {
    words: 'create [--passphrase-file FILE]',
    summary: 'take a backup; the server goes on meanwhile',
    run: async (config, words, { tell }) => {
      const { passphrase } = await given(words, { files: 0, twice: true })
      const file = await withContext(config, context => takeBackup(context, operator, { passphrase, tell }))
      return { lines: [`${file.path} (${size(file)})`], data: asData(file) }
    },
  },
  list: { words: 'list', summary: 'list the backups, the newest first', run: config => list(config) },
  check: {
    words: 'check FILE [--passphrase-file FILE]',
    summary: 'read all of a backup with its passphrase and tell whether every byte is its own; needs no database and changes nothing',
    run: async (config, words, { tell }) => {
      const { file, passphrase } = await given(words, { files: 1 })
      const { file: backup, counts } = await checkBackup({ path: pathOfBackup(config, file), passphrase, tell })
      return { lines: [`${backup.name} can be read to its end: ${inWords(counts)}.`], data: { ...asData(backup), counts } }
    },
  },
  verify: {
    words: 'verify FILE [--passphrase-file FILE]',
    summary: 'restore a backup on trial, check all of it, and drop it again',
    run: async (config, words, { tell }) => {
      const { file, passphrase } = await given(words, { files: 1 })
      const path = pathOfBackup(config, file)
      const {
        file: backup,
        counts,
        keys,
      } = await withContext(config, context => verifyBackup(context, operator, { path, passphrase, tell }))
      const line = `${backup.name} is whole: ${inWords(counts)}; the keys of ${keys.accounts} Local Accounts open.`
      return { lines: [line], data: { ...asData(backup), counts, keys } }
    },
  },
  restore: {
    words: 'restore FILE [--replace] [--passphrase-file FILE]',
    summary: 'put a backup in the place of the server, which must be stopped; what was there is kept until "accept"',
    run: async (config, words, { tell }) => {
      const { file, passphrase, replace } = await given(words, { files: 1 })
      const path = pathOfBackup(config, file)
      const done = await onGround(config, ground => restoreBackup(ground, { path, passphrase, replace, tell }))
      const lines = [
        `${done.file.name} is restored: ${inWords(done.counts)}. Start the server; the next synchronization of each account is full.`,
        `The settings of that time are in ${done.settingsFile}. ${done.differs.length === 0 ? 'They are those of this machine.' : 'These differ:'}`,
        ...done.differs.map(each => `  ${settingLine(each)}`),
        ...(done.kept ? ['What was here before is kept: "accept" drops it, "undo" brings it back.'] : []),
      ]
      const { counts, kept, settingsFile, differs } = done
      return { lines, data: { ...asData(done.file), counts, kept, settingsFile, differs } }
    },
  },
  accept: {
    words: 'accept',
    summary: 'take the restored server for good: what was there before is dropped',
    run: async config => {
      await onGround(config, acceptRestored)
      return { lines: ['What was there before is dropped.'], data: {} }
    },
  },
  undo: {
    words: 'undo',
    summary: 'bring back what was there before the restore; the server must be stopped',
    run: async config => {
      await onGround(config, undoRestore)
      return { lines: ['All is as it was before the restore.'], data: {} }
    },
  },
  schedule,
  'ssh-key': {
    words: 'ssh-key',
    summary: 'print the public key that the machine for copies must let in',
    run: async config => {
      const key = backupSshKey(config)
      return { lines: [key], data: { key } }
    },
  },
  delete: {
    words: 'delete FILE',
    summary: 'delete a backup from the backups folder',
    run: async (config, words) => {
      const [file] = words
      if (!file || words.length > 1) throw new UsageError(`Say: ${commands.delete!.words}`)
      await withContext(config, context => deleteBackup(context, operator, file))
      return { lines: [`${file} is deleted.`], data: { name: file } }
    },
  },
}

/** What `--help` prints. */
export function usage(): string {
  const lines = Object.values(commands).map(({ words, summary }) => `  npm run backup -- ${words}\n      ${summary}`)
  const further = [
    'FILE is a path, or the name of a backup in the backups folder. The passphrase is the first line of --passphrase-file or of standard',
    'input, or is asked for at the terminal. With --json it prints one JSON object a line: {"progress":…}, then {"result":…} or {"error":…}.',
  ]
  return [...lines, '', ...further, '', 'It ends with', ...exitCodeWords, ''].join('\n')
}

/** The words of a command that wants a passphrase. */
async function given(words: string[], { files, twice = false }: { files: 0 | 1; twice?: boolean }) {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: { 'passphrase-file': { type: 'string' }, replace: { type: 'boolean' } },
  })
  if (positionals.length !== files) throw new UsageError(files === 0 ? 'A backup gets its name by itself.' : 'Say which file.')
  return {
    file: positionals[0] ?? '',
    replace: values.replace ?? false,
    passphrase: await readPassphrase(values['passphrase-file'], { twice }),
  }
}

async function list(config: Config): Promise<Result> {
  const { files, unreadable } = await listBackupFiles(config)
  const lines = files.map(file => `${file.name}  ${size(file)}  schema ${file.header.schema}  ${file.header.host}`)
  const damaged = unreadable.map(name => `${name}  cannot be read`)
  return {
    lines: files.length + damaged.length === 0 ? ['There are no backups.'] : [...lines, ...damaged],
    data: { files: files.map(asData), unreadable },
  }
}

/** The database, without a server on it: what a restore works on. */
const onGround = <T>(config: Config, work: (ground: Ground) => Promise<T>): Promise<T> =>
  withDatabase(config, connection => work({ config, connection, clock: systemClock }))

const size = ({ bytes }: BackupFile) => `${(bytes / 1e6).toFixed(1)} MB`
const inWords = (counts: Counts) => `${counts.local_accounts} Local Accounts, ${counts.product_instances} product instances`
const asData = ({ name, path, bytes, header: { lock: _, ...facts } }: BackupFile) => ({ name, path, bytes, ...facts })
