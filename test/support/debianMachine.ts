import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from './until.ts'

const cache = process.env.QUARTERMASTER_DEBIAN_CACHE ?? join(tmpdir(), 'quartermaster-debian')
const mirror = process.env.QUARTERMASTER_DEBIAN_MIRROR ?? 'http://deb.debian.org/debian'
const basic = ['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'udev', 'ca-certificates', 'iproute2', 'procps']

const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })

/** A bare Debian 12, made once and kept as an archive: three minutes the first time, five seconds after. */
function baseArchive(): string {
  const archive = join(cache, 'bookworm.tar.zst')
  if (existsSync(archive)) return archive
  const draft = join(cache, 'draft')
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  run('debootstrap', '--variant=minbase', `--include=${basic.join(',')}`, 'bookworm', draft, mirror)
  run('tar', '-C', draft, '--numeric-owner', '-I', 'zstd -3', '-cf', `${archive}.part`, '.')
  renameSync(`${archive}.part`, archive)
  rmSync(draft, { recursive: true })
  return archive
}

/** Unpacks a bare Debian 12 into a new folder. */
export function makeDebian(folder: string): void {
  const archive = baseArchive()
  mkdirSync(folder, { recursive: true })
  run('tar', '-C', folder, '--numeric-owner', '-I', 'zstd', '-xf', archive)
  // It lives for minutes: dpkg need not wait for the disk after every file.
  writeFileSync(join(folder, 'etc/dpkg/dpkg.cfg.d/unsafe-io'), 'force-unsafe-io\n')
}

/** Brings packages into a root's cache, so that it can install them without a network. */
export function fetchPackages(folder: string, packages: string[]): void {
  run('chroot', folder, 'apt-get', '-q', 'update')
  run('chroot', folder, 'apt-get', '-q', '-y', '--no-install-recommends', '--download-only', 'install', ...packages)
}

export type Said = { code: number; out: string }

/** A Debian that runs with systemd as its first process, on a network of its own. `address` is where this side reaches it. */
export type DebianMachine = {
  folder: string
  address: string
  /** Runs a program in it, as root; never waits for ever. */
  run(program: string, ...args: string[]): Said
  must(program: string, ...args: string[]): string
  /** Runs a program beside it: another host on its network. */
  beside(program: string, ...args: string[]): Said
  /** The words that start a program there, for whoever goes on talking with it. */
  wordsBeside(...words: string[]): string[]
  /** Waits until it has ended by itself: how it was told to. It is started again where it was to be. */
  endsItself(): Promise<'off' | 'again'>
  restart(): Promise<void>
  /** Takes the power away at once, and switches it on again. */
  losePower(): Promise<void>
  stop(): Promise<void>
}

/** An upgrade that was interrupted is ended as a part of the start, with a health check that takes minutes on a busy machine. Milliseconds. */
const bootPatience = 600_000

/** How systemd-nspawn ends when the machine in it wants to be started again. */
const rebootCode = 133

const isFirstProcess = (pid: string) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'systemd'
const childrenOf = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)

/** Where a machine and the host beside it are reached, and what the machine calls its end of the cable. */
export const addressOf = { machine: '10.77.7.1', beside: '10.77.7.2' }
export const linkOf = (name: string): string => `in-${name}`

/** Where a machine stands on a network that it shares with others: `join` makes its namespace and puts it there. */
export type Socket = { address: string; outside: string; join(inside: string): void }

/** Boots a root. Two namespaces are joined by a cable: one is the machine's, the other is whoever reaches it; or by a network that is given. */
export async function bootDebian(folder: string, name: string, socket?: Socket): Promise<DebianMachine> {
  const [inside, outside] = [`qm-${name}`, socket?.outside ?? `qm-${name}-peer`]
  const address = socket?.address ?? addressOf.machine
  let nspawn: ChildProcess | undefined
  let leader = ''
  const start = async () => {
    if (socket) socket.join(inside)
    else cable(inside, outside, name, address)
    nspawn = spawn(
      'systemd-nspawn',
      // This machine's own service manager is not asked: there may be none.
      [
        '-q',
        '-D',
        folder,
        '--register=no',
        '--keep-unit',
        `--network-namespace-path=/run/netns/${inside}`,
        '--capability=CAP_NET_ADMIN,CAP_NET_RAW,CAP_AUDIT_CONTROL',
        '--console=pipe',
        '--boot',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    let words = ''
    nspawn.stderr!.on('data', piece => (words += piece))
    await until(() => {
      if (nspawn!.exitCode !== null) throw new Error(`systemd-nspawn ended: ${words}`)
      leader = childrenOf(nspawn!.pid!).find(isFirstProcess) ?? ''
      return leader !== '' && /running|degraded/.test(enter('systemctl', 'is-system-running').out)
    }, bootPatience)
  }
  const enter = (program: string, ...args: string[]) =>
    said(
      'nsenter',
      '-t',
      leader,
      '-m',
      '-u',
      '-i',
      '-n',
      '-p',
      '--',
      'env',
      '-i',
      'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
      'LANG=C.UTF-8',
      program,
      ...args,
    )
  const end = async (signal: NodeJS.Signals = 'SIGTERM') => {
    const child = nspawn
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
    await gone
    clearTimeout(timer)
    for (const each of socket ? [inside] : [inside, outside]) said('ip', 'netns', 'delete', each)
  }
  await start()
  return {
    folder,
    address,
    run: enter,
    must(program, ...args) {
      const { code, out } = enter(program, ...args)
      if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with code ${code}:\n${out}`)
      return out
    },
    beside: (program, ...args) => said('ip', 'netns', 'exec', outside, program, ...args),
    wordsBeside: (...words) => ['ip', 'netns', 'exec', outside, ...words],
    async endsItself() {
      await until(() => nspawn!.exitCode !== null, 120_000)
      const how = nspawn!.exitCode === rebootCode ? 'again' : 'off'
      if (how === 'again') await start()
      return how
    },
    async restart() {
      await end()
      await start()
    },
    async losePower() {
      await end('SIGKILL')
      await start()
    },
    stop: () => end(),
  }
}

function cable(inside: string, outside: string, name: string, address: string): void {
  for (const each of [inside, outside]) said('ip', 'netns', 'delete', each)
  for (const each of [inside, outside]) run('ip', 'netns', 'add', each)
  run('ip', 'link', 'add', linkOf(name), 'netns', inside, 'type', 'veth', 'peer', 'name', `out-${name}`, 'netns', outside)
  for (const [place, end, own] of [
    [inside, linkOf(name), address],
    [outside, `out-${name}`, addressOf.beside],
  ] as const) {
    run('ip', '-n', place, 'addr', 'add', `${own}/24`, 'dev', end)
    run('ip', '-n', place, 'link', 'set', end, 'up')
    run('ip', '-n', place, 'link', 'set', 'lo', 'up')
  }
}

function said(program: string, ...args: string[]): Said {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 1_800_000, maxBuffer: 64 * 1024 * 1024 })
  return { code: status ?? 1, out: `${stdout}${stderr}` }
}
