import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { putFile } from '../../src/files.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { action, profiles } from './action.ts'
import type { Machine } from './machine.ts'
import { consoleUser } from './people.ts'
import { fingerprintOf, ownKey } from './sftp.ts'

const callers = ['console'] as const
const nothing = z.strictObject({})
/** A kind, a key and maybe a comment; no options before it, which could name a command. */
const pattern =
  /^(ssh-ed25519|ecdsa-sha2-nistp(?:256|384|521)|ssh-rsa|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com) ([A-Za-z\d+/]+=*)(?: ([\w.@ -]{0,100}))?$/

/** A public key as its file has it. */
export const publicKey = z.string().max(4000).trim().regex(pattern, 'Give the public key as its .pub file has it: a kind and a long word.')

/** The keys that may sign in as the console's user. sshd reads the file as that user, and only root may write it. */
const fileOf = ({ folders }: Machine) => join(folders.authorizedKeys, consoleUser)
const linesOf = (machine: Machine) => (existsSync(fileOf(machine)) ? readFileSync(fileOf(machine), 'utf8').split('\n').filter(Boolean) : [])

function write(machine: Machine, lines: string[]): void {
  mkdirSync(machine.folders.authorizedKeys, { recursive: true, mode: 0o755 })
  putFile(fileOf(machine), lines.map(line => `${line}\n`).join(''))
  chmodSync(fileOf(machine), 0o644)
}

const shown = (line: string) => {
  const [, kind = '', key = '', comment = ''] = pattern.exec(line) ?? []
  return { fingerprint: fingerprintOf(key), kind, comment }
}

export const addSshKey = action({
  name: 'ssh_key add',
  subject: 'people',
  sentence: 'Let a key sign in to the console over SSH',
  input: z.strictObject({
    key: publicKey.describe('the public key, in quotes'),
  }),
  positionals: ['key'],
  profiles,
  callers,
  async run({ key }, machine) {
    const lines = linesOf(machine)
    refuseUnless(!lines.some(line => shown(line).fingerprint === shown(key).fingerprint), 'CONFLICT', 'This key is let in already.', 'key')
    write(machine, [...lines, key])
    return shown(key)
  },
})

export const listSshKeys = action({
  name: 'ssh_key list',
  subject: 'people',
  sentence: 'The keys that may sign in to the console over SSH',
  input: nothing,
  profiles,
  callers,
  run: async (_input, machine) => ({ keys: linesOf(machine).map(shown) }),
})

export const deleteSshKey = action({
  name: 'ssh_key delete',
  subject: 'people',
  sentence: 'Let a key no longer sign in',
  input: z.strictObject({ fingerprint: z.string().max(100).describe('its fingerprint, as "ssh_key list" shows it') }),
  positionals: ['fingerprint'],
  profiles,
  callers,
  confirm: () => 'delete',
  async run({ fingerprint }, machine) {
    const lines = linesOf(machine)
    const left = lines.filter(line => shown(line).fingerprint !== fingerprint)
    refuseUnless(left.length < lines.length, 'NOT_FOUND', 'There is no such key. "ssh_key list" shows them.', 'fingerprint')
    write(machine, left)
    return { deleted: fingerprint }
  },
})

export const ownSshKey = action({
  name: 'ssh_key own',
  subject: 'people',
  sentence: 'The key that this machine shows when it copies files by SFTP: let it in there',
  input: nothing,
  profiles,
  callers,
  anywhere: true,
  run: async (_input, machine) => ({ key: await ownKey(machine) }),
})
