import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { until } from './until.ts'

/** Whether this machine can be one: sshd, and a namespace of its own for accounts. */
export const canBeSftpHost = existsSync('/usr/sbin/sshd') && process.getuid?.() === 0

export type SftpHost = { port: number; stop(): Promise<void> }

/**
 * A real sshd of the test's own, in a folder. It lets `keys` in as whoever runs the test, and an account that signs in with a password, which there is
 * in its own view of /etc alone.
 */
export async function openSftpHost(
  folder: string,
  { keys = [], account }: { keys?: string[]; account?: { user: string; password: string } },
): Promise<SftpHost> {
  mkdirSync(folder)
  chmodSync(dirname(folder), 0o755)
  const port = await freePort()
  writeFileSync(join(folder, 'keys'), keys.map(key => `${key}\n`).join(''), { mode: 0o600 })
  const settings = [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${folder}/host`, `AuthorizedKeysFile ${folder}/keys`, 'StrictModes no'],
    ...['PidFile none', 'UsePAM no', 'PermitRootLogin yes', 'Subsystem sftp internal-sftp', ''],
  ]
  writeFileSync(join(folder, 'config'), settings.join('\n'))
  const prepare = [
    'set -eu; folder=$1',
    'mount -t tmpfs tmpfs /mnt; mkdir /mnt/upper /mnt/work',
    'mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work /etc',
    "ssh-keygen -q -t ecdsa -N '' -f $folder/host; mkdir -p /run/sshd",
    ...(account ? ['useradd --no-create-home --home-dir "$folder/home" "$2"; printf "%s:%s\\n" "$2" "$3" | chpasswd'] : []),
    ...(account ? ['install -d -o "$2" "$folder/home"'] : []),
    'exec /usr/sbin/sshd -D -e -f "$folder/config"',
  ].join('\n')
  const words = ['/bin/sh', '-c', prepare, 'sh', folder, ...(account ? [account.user, account.password] : [])]
  const daemon = spawn('unshare', ['--mount', '--propagation', 'private', ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  daemon.stderr.on('data', piece => {
    said += piece
  })
  await until(() => said.includes('Server listening') || daemon.exitCode !== null)
  if (daemon.exitCode !== null) throw new Error(said)
  return {
    port,
    async stop() {
      daemon.kill()
      if (daemon.exitCode === null) await once(daemon, 'close')
    },
  }
}

async function freePort(): Promise<number> {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as { port: number }
  free.close()
  await once(free, 'close')
  return port
}
