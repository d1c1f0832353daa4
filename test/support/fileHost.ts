import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf, type DebianMachine, makeDebian } from './debianMachine.ts'
import { until } from './until.ts'

/** Another machine that files are copied to and from: a real sshd of a Debian of its own, where somebody signs in with a password. */
export type FileHost = {
  user: string
  password: string
  address: string
  /** Its host key, as its administrator would read it out. */
  fingerprint: string
  /** Where that user's files are, seen from here. */
  home: string
  /** Stands up again beside a machine that was started anew. */
  standBeside(machine: DebianMachine): Promise<void>
  stop(): Promise<void>
}

const user = 'courier'
const password = 'Ochre-Lantern-92-moss'
const address = addressOf.beside

const inside = (folder: string, program: string, args: string[], input = '') =>
  execFileSync('chroot', [folder, program, ...args], { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] })

/** Makes its Debian in a folder; what is there already is taken as it is. */
export function makeFileHost(folder: string): void {
  if (existsSync(folder)) return
  const draft = `${folder}.draft`
  rmSync(draft, { recursive: true, force: true })
  makeDebian(draft)
  inside(draft, 'apt-get', ['-q', 'update'])
  inside(draft, 'apt-get', ['-q', '-y', '--no-install-recommends', 'install', 'openssh-server'])
  inside(draft, 'useradd', ['--create-home', user])
  inside(draft, 'chpasswd', [], `${user}:${password}\n`)
  mkdirSync(join(draft, 'run/sshd'), { recursive: true })
  renameSync(draft, folder)
}

/** The machine whose Debian is in that folder. */
export function openFileHost(folder: string): FileHost {
  let daemon: ChildProcess | undefined
  const stop = async () => {
    if (!daemon || daemon.exitCode !== null) return
    daemon.kill('SIGTERM')
    await once(daemon, 'close')
  }
  return {
    user,
    password,
    address,
    fingerprint: inside(folder, 'ssh-keygen', ['-lf', '/etc/ssh/ssh_host_ecdsa_key.pub']).split(' ')[1]!,
    home: join(folder, 'home', user),
    async standBeside(machine) {
      await stop()
      const [program = '', ...words] = machine.wordsBeside('chroot', folder, '/usr/sbin/sshd', '-D', '-e', '-o', 'PidFile=none')
      daemon = spawn(program, words, { stdio: 'ignore' })
      await until(() => machine.beside('bash', '-c', `exec 3<>/dev/tcp/${address}/22`).code === 0)
    },
    stop,
  }
}
