import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { putFile } from '../../src/files.ts'
import { Refusal, refuseUnless } from '../../src/rules/refusal.ts'
import type { Machine } from './machine.ts'
import { ensureFolder } from './places.ts'

/** A file or folder on another machine. */
export type Remote = { user: string; host: string; port: number; path: string }
/** How we show who we are, beside our own key, and whom we take the other machine to be. */
export type Trust = { password?: string | undefined; fingerprint?: string | undefined }

const hour = 3_600_000
/** Prints the password that stands in its environment: what ssh asks when it wants one. It is never a word of a command line. */
const askpass = fileURLToPath(new URL('askpass.sh', import.meta.url))

const patterns = {
  user: /^[A-Za-z_][\w.-]{0,63}$/,
  host: /^[A-Za-z\d:][A-Za-z\d.:-]{0,252}$/,
  // Nothing that sftp takes for an option, a pattern or a second word.
  path: /^[\w/.~][\w/.~+@=-]{0,500}$/,
}

/** Takes `user@host:/path`, `user@[address]:/path` or `sftp://user@host:port/path` apart; refuses whatever could be more than a name. */
export function remoteOf(text: string): Remote {
  const [, user, bracketed, plain, port, path] =
    /^sftp:\/\/([^@/]+)@(?:\[([^\]]+)\]|([^:/[\]]+))(?::(\d{1,5}))?(\/.*)$/.exec(text) ??
    /^([^@/]+)@(?:\[([^\]]+)\]|([^:/[\]]+))()?:(.+)$/.exec(text) ??
    []
  const remote = { user: user ?? '', host: bracketed ?? plain ?? '', port: Number(port || 22), path: path ?? '' }
  const whole = patterns.user.test(remote.user) && patterns.host.test(remote.host) && patterns.path.test(remote.path)
  refuseUnless(
    whole && remote.port < 65_536,
    'INVALID',
    'Name what is on the other machine as user@host:/path or sftp://user@host:port/path.',
    'from',
  )
  return remote
}

/** Copies a file to another machine: under another name first, so that a whole name is a whole file there. */
export async function put(machine: Machine, file: string, remote: Remote, trust: Trust = {}): Promise<void> {
  const { size } = statSync(file)
  machine.tell({ step: `copying to ${remote.host}`, done: 0, of: size })
  const [from, draft] = [basename(file), `${remote.path}.part`]
  await sftp(machine, remote, trust, dirname(file), [`put ${from} ${draft}`, `rename ${draft} ${remote.path}`])
  machine.tell({ step: `copying to ${remote.host}`, done: size, of: size })
}

/** Copies a file from another machine into a folder, whole or not at all. */
export async function get(machine: Machine, remote: Remote, file: string, trust: Trust = {}): Promise<void> {
  const draft = `${file}.part`
  const listed = await sftp(machine, remote, trust, dirname(file), [`ls -ln ${remote.path}`])
  const size = Number(/^-\S+\s+\S+\s+\S+\s+\S+\s+(\d+)\s/m.exec(listed)?.[1])
  refuseUnless(Number.isFinite(size), 'NOT_FOUND', `${remote.path} is no file on ${remote.host}.`, 'from')
  const step = `copying from ${remote.host}`
  const watch = setInterval(() => machine.tell({ step, done: statSync(draft, { throwIfNoEntry: false })?.size ?? 0, of: size }), 500)
  try {
    await sftp(machine, remote, trust, dirname(file), [`get ${remote.path} ${basename(draft)}`])
    renameSync(draft, file)
  } finally {
    clearInterval(watch)
    rmSync(draft, { force: true })
  }
}

/** The public key that another machine must let in; made at first use. */
export async function ownKey(machine: Machine): Promise<string> {
  const file = keyFile(machine)
  if (!existsSync(file)) {
    const args = ['-q', '-t', 'ecdsa', '-b', '256', '-N', '', '-C', 'quartermaster-console', '-f', file]
    const { code, err } = await machine.run('/usr/bin/ssh-keygen', args, { as: 'service' })
    if (code !== 0) throw new Error(`ssh-keygen: ${err}`)
  }
  return readFileSync(`${file}.pub`, 'utf8').trim()
}

const keyFile = (machine: Machine) => join(ensureFolder(machine, machine.folders.console), 'ssh.key')
const knownFile = (machine: Machine) => join(ensureFolder(machine, machine.folders.console), 'known_hosts')
const aliasOf = ({ host, port }: Remote) => `${host.replaceAll(':', '_')}_${port}`

/** How ssh and sftp are told whom to reach, whom to take it for, and by which key: never by what the host's own settings say. */
async function optionsFor(machine: Machine, remote: Remote, trust: Trust): Promise<string[]> {
  await ownKey(machine)
  await ensureKnown(machine, remote, trust.fingerprint)
  return [
    `BatchMode=${trust.password ? 'no' : 'yes'}`,
    'LogLevel=ERROR',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownFile(machine)}`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${aliasOf(remote)}`,
    `IdentityFile=${keyFile(machine)}`,
    'IdentitiesOnly=yes',
    'NumberOfPasswordPrompts=1',
    'ConnectTimeout=20',
    'ServerAliveInterval=20',
    `Port=${remote.port}`,
    `User=${remote.user}`,
  ].flatMap(option => ['-o', option])
}

/**
 * Sends a text to what another machine starts for our key, and tells each line that comes back. Which program that is says the other machine, not we.
 * Refuses with what ssh says where it cannot be reached, is another one, or does not know our key.
 */
export async function talk(
  machine: Machine,
  remote: Omit<Remote, 'path'>,
  trust: Trust,
  text: string,
  onLine: (line: string) => void,
): Promise<void> {
  const whole = { ...remote, path: '/' }
  const options = await optionsFor(machine, whole, trust)
  const { code, err } = await machine.run('/usr/bin/ssh', [...options, '-F', '/dev/null', '-T', '--', remote.host], {
    as: 'service',
    input: text,
    timeout: 12 * hour,
    onLine: (line, from) => from === 'out' && onLine(line),
  })
  if (code !== 0) throw said(err, `ssh ended with ${code}`, whole)
}

/** What the other side said last, with what to do about it. */
function said(err: string, otherwise: string, { host }: Remote): Refusal {
  const words = err.trim().split('\n').slice(-3).join(' / ')
  return new Refusal('CONFLICT', `${host} said: ${words || otherwise}.${adviceOn(words)}`, fieldOf(words))
}

async function sftp(machine: Machine, remote: Remote, trust: Trust, folder: string, commands: string[]): Promise<string> {
  const options = await optionsFor(machine, remote, trust)
  const host = remote.host.includes(':') ? `[${remote.host}]` : remote.host
  const { code, out, err } = await machine.run('/usr/bin/sftp', [...options, '-F', '/dev/null', '-b', '-', '--', host], {
    as: 'service',
    folder,
    input: `${commands.join('\n')}\n`,
    timeout: 12 * hour,
    environment: trust.password
      ? { SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', QUARTERMASTER_ANSWER: trust.password, DISPLAY: 'none' }
      : {},
  })
  if (code === 0) return out
  throw said(err, `sftp ended with ${code}`, remote)
}

function adviceOn(said: string): string {
  if (/verification failed|HAS CHANGED/i.test(said))
    return ' Its key is not the one that was seen before: if that is right, give its new --fingerprint.'
  if (/Permission denied/.test(said)) return ' Give its password, or let our key in there ("ssh_key own" shows it).'
  return ''
}

const fieldOf = (said: string) => (/Permission denied \(/.test(said) ? 'password' : undefined)

/**
 * "Host key shown and remembered": a host that was never seen is refused with the fingerprints it shows, until the operator says one of them. One
 * that is said replaces what was remembered.
 */
async function ensureKnown(machine: Machine, remote: Remote, fingerprint: string | undefined): Promise<void> {
  const [file, alias] = [knownFile(machine), aliasOf(remote)]
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
  const isAbout = (line: string) => line.startsWith(`${alias} `)
  if (!fingerprint && lines.some(isAbout)) return
  const { out } = await machine.run('/usr/bin/ssh-keyscan', ['-T', '10', '-p', String(remote.port), remote.host], {
    as: 'service',
    timeout: 30_000,
  })
  const keys = out.split('\n').flatMap(line => {
    const [, kind, key] = line.split(' ')
    return kind && key && !line.startsWith('#') ? [{ kind, key, fingerprint: fingerprintOf(key) }] : []
  })
  refuseUnless(keys.length > 0, 'CONFLICT', `Nobody answers as SSH on ${remote.host}, port ${remote.port}.`, 'from')
  const believed = keys.filter(key => key.fingerprint === fingerprint)
  // Each on a line of its own: nobody compares what is broken in two.
  const shown = keys.map(key => `${key.fingerprint} (${key.kind})`).join(',\n')
  refuseUnless(
    believed.length > 0,
    'UNTRUSTED_CERT',
    `${remote.host} is not known yet. It shows:\n${shown}.\nCompare with what its administrator says, and repeat one of them as the fingerprint.`,
    'fingerprint',
  )
  putFile(file, [...lines.filter(line => !isAbout(line)), ...believed.map(({ kind, key }) => `${alias} ${kind} ${key}`), ''].join('\n'))
}

/** As OpenSSH shows it. */
export const fingerprintOf = (key: string): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`
