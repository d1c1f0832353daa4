import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { action, profiles } from './action.ts'
import { entriesOf, folderOf, pathOf, readPlaceName } from './places.ts'
import { backupProgram } from './programs.ts'
import { get, put, remoteOf } from './sftp.ts'

const callers = ['console'] as const
const bothPlaces = { names: ['backups:', 'patches:'] }

export const dir = action({
  name: 'dir',
  subject: 'files',
  sentence: 'What is in backups: or patches:',
  input: z.strictObject({ place: z.enum(['backups:', 'patches:']).describe('which of the two') }),
  positionals: ['place'],
  profiles,
  callers,
  anywhere: true,
  run: async ({ place }, machine) => ({ place, files: entriesOf(machine, readPlaceName(place).place) }),
})

export const copy = action({
  name: 'copy',
  subject: 'files',
  sentence: 'Copy a file from another machine into patches: or backups:, or back, by SFTP',
  input: z.strictObject({
    from: z.string().max(700).describe('user@host:/path, or backups:NAME').meta(bothPlaces),
    to: z.string().max(700).describe('patches: or backups:, or user@host:/path').meta(bothPlaces),
    password: z.string().max(1000).optional().describe('the password there; none: our key is shown'),
    fingerprint: z
      .string()
      .regex(/^SHA256:[A-Za-z\d+/]{43}$/, 'Give it as SHA256:…')
      .optional()
      .describe('the key of the other machine, once you compared it'),
  }),
  positionals: ['from', 'to'],
  secrets: ['password'],
  profiles,
  callers,
  job: true,
  anywhere: true,
  async run({ from, to, ...trust }, machine) {
    if (/^(backups|patches):/.test(from)) {
      const file = pathOf(machine, from)
      const remote = remoteOf(to)
      const path = remote.path.endsWith('/') ? remote.path + basename(file) : remote.path
      await put(machine, file, { ...remote, path }, trust)
      return { copied: from, to: `${remote.user}@${remote.host}:${path}` }
    }
    const remote = remoteOf(from)
    const { place, name } = readPlaceName(to)
    const wanted = readPlaceName(`${place}:${name || basename(remote.path)}`)
    refuseUnless(
      !entriesOf(machine, place).some(entry => entry.name === wanted.name),
      'CONFLICT',
      `There is a ${place}:${wanted.name} already. Delete it first, or give this one another name.`,
      'to',
    )
    await get(machine, remote, join(folderOf(machine, place), wanted.name), trust)
    return {
      copied: from,
      to: `${place}:${wanted.name}`,
      bytes: entriesOf(machine, place).find(({ name: each }) => each === wanted.name)!.bytes,
    }
  },
})

export const remove = action({
  name: 'delete',
  subject: 'files',
  sentence: 'Delete a backup, or a file of patches:',
  input: z.strictObject({ file: z.string().max(220).describe('backups:NAME or patches:NAME').meta(bothPlaces) }),
  positionals: ['file'],
  profiles,
  callers,
  anywhere: true,
  confirm: ({ file }) => readPlaceName(file).name,
  async run({ file }, machine) {
    const path = pathOf(machine, file)
    // A backup is the server's to delete: it writes down that it is gone.
    if (readPlaceName(file).place === 'backups' && file.endsWith('.qmb')) await backupProgram(machine, ['delete', basename(path)])
    else rmSync(path)
    return { deleted: file }
  },
})
