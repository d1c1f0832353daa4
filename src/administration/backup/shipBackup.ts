import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Config } from '../../config.ts'
import { putFile } from '../../files.ts'
import { makeFolder } from '../../folders.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Destination } from '../../storage/backupSchedule.ts'
import { isBackupName } from './backupsFolder.ts'

/** The key that this server shows to the other machine, and whom it believes to be that machine. */
const keyIn = ({ dataFolder }: Pick<Config, 'dataFolder'>) => join(dataFolder, 'server/backup-ssh.key')
const knownHostsIn = ({ dataFolder }: Pick<Config, 'dataFolder'>) => join(dataFolder, 'server/backup-ssh.known-hosts')
/** The name of the other machine in that file, whatever its address and port. */
const alias = 'quartermaster-backup'

/** Nothing of a destination is ever taken for an option, a command of sftp, or a second line. */
export function checkDestination({ host, port, user, folder, hostKey }: Destination): void {
  refuseUnless(/^[A-Za-z\d:][A-Za-z\d.:-]{0,252}$/.test(host), 'INVALID', 'Give the host as a name or an address.', 'host')
  refuseUnless(Number.isInteger(port) && port > 0 && port < 65_536, 'INVALID', 'Give a port from 1 to 65535.', 'port')
  refuseUnless(/^[A-Za-z_][\w.-]{0,63}$/.test(user), 'INVALID', 'Give the name of a user there.', 'user')
  refuseUnless(
    /^[\w/.][\w/.-]{0,500}$/.test(folder),
    'INVALID',
    'Give a folder there, of letters, digits, "/", ".", "_" and "-".',
    'folder',
  )
  refuseUnless(
    /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z\d+/]+=*$/.test(hostKey),
    'INVALID',
    'Give the public key of the host, as its /etc/ssh/ssh_host_*_key.pub has it: a kind and a long word.',
    'hostKey',
  )
}

/** The public key that the other machine must let in (its authorized_keys); made at first use, and never in a backup. */
export function backupSshKey(config: Pick<Config, 'dataFolder'>): string {
  const file = keyIn(config)
  makeFolder(dirname(file))
  if (!existsSync(file)) execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-b', '256', '-N', '', '-C', alias, '-f', file])
  return readFileSync(`${file}.pub`, 'utf8').trim()
}

/**
 * Copies a backup to another machine by OpenSSH's sftp: under another name first, so that a whole name is a whole file there. The host must show
 * the key that the operator has seen; no password is ever asked for.
 */
export async function shipBackup(config: Pick<Config, 'dataFolder'>, path: string, to: Destination): Promise<void> {
  const name = basename(path)
  const acts = [`put ${name} ${name}.part`, `chmod 600 ${name}.part`, `rename ${name}.part ${name}`]
  await actThere(config, to, acts, 'The backup could not be copied to', dirname(path))
}

/** Takes copies away from the other machine. One that is not there any more is no reason to stop. */
export async function deleteCopies(config: Pick<Config, 'dataFolder'>, names: readonly string[], to: Destination): Promise<void> {
  const acts = names.filter(isBackupName).map(name => `-rm ${name}`)
  if (acts.length > 0) await actThere(config, to, acts, 'Old copies could not be taken away from')
}

/** Has sftp do `acts` in the folder of the destination, from `folder` here. `failed` begins the sentence where it cannot. */
async function actThere(config: Pick<Config, 'dataFolder'>, to: Destination, acts: string[], failed: string, folder = '/'): Promise<void> {
  checkDestination(to)
  backupSshKey(config)
  putFile(knownHostsIn(config), `${alias} ${to.hostKey}\n`)
  const options = [
    'LogLevel=ERROR',
    'BatchMode=yes',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHostsIn(config)}`,
    'GlobalKnownHostsFile=/dev/null',
    `HostKeyAlias=${alias}`,
    `IdentityFile=${keyIn(config)}`,
    'IdentitiesOnly=yes',
    'ConnectTimeout=20',
    'ServerAliveInterval=20',
    `Port=${to.port}`,
    `User=${to.user}`,
  ].flatMap(option => ['-o', option])
  const host = to.host.includes(':') ? `[${to.host}]` : to.host
  const child = spawn('sftp', ['-b', '-', '-F', '/dev/null', ...options, '--', host], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const words = text(child.stderr)
  child.stdin.on('error', () => {})
  child.stdin.end([`cd ${to.folder}`, ...acts, ''].join('\n'))
  const [code] = await once(child, 'close')
  const said = (await words).trim().split('\n').slice(-3).join(' / ')
  refuseUnless(code === 0, 'CONFLICT', `${failed} ${to.host}: ${said || `sftp ended with ${code}`}.`)
}
