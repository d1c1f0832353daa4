import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Profile } from '../actions/action.ts'

/** How a program ended: both outputs in one, as a person would have read them. */
export type Ended = { code: number; said: string }
export type RunOptions = { input?: string; environment?: Record<string, string>; as?: string }

/** The machine that is being installed, as the deeds see it. Tests give one that stands in a folder and records what would be run. */
export type Host = {
  profile: Profile
  /** The tree of the release that the installer stands in, and its version. */
  release: string
  version: string
  /** An image is being built: what makes one machine different from all others is left for its first boot. */
  forImage: boolean
  /** It is being removed with all that it kept, which somebody typed a word for. */
  deletesData: boolean
  /** systemd runs, so services can be started and stopped; in an image or a chroot they cannot. */
  hasServices: boolean
  /** Where a path of the machine is to be found from here. */
  at(path: string): string
  run(program: string, args: readonly string[], options?: RunOptions): Ended
}

/** Names and nothing else of the environment: a person's proxy for apt, and no more. */
const passedOn = ['http_proxy', 'https_proxy', 'no_proxy']
const environment = () => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  DEBIAN_FRONTEND: 'noninteractive',
  ...Object.fromEntries(passedOn.flatMap(name => (process.env[name] ? [[name, process.env[name]]] : []))),
})

/** Starts a program with its arguments as an array and a clean environment; never a shell. As somebody else by `setpriv`, which asks no password. */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Ended {
  const { input = '', as } = options
  const line = as ? ['setpriv', `--reuid=${as}`, `--regid=${as}`, '--init-groups', '--', program, ...args] : [program, ...args]
  const { status, stdout, stderr, error } = spawnSync(line[0]!, line.slice(1), {
    input,
    encoding: 'utf8',
    cwd: '/',
    env: { ...environment(), ...options.environment },
    maxBuffer: 64 * 1024 * 1024,
  })
  if (error) return { code: 127, said: error.message }
  return { code: status ?? 1, said: `${stdout}${stderr}` }
}

/** The same, and a sentence with the program's last words where it fails. Gives what it said. */
export function must(host: Host, program: string, args: readonly string[], options?: RunOptions): string {
  const { code, said } = host.run(program, args, options)
  if (code === 0) return said
  throw new Error(`${program} ${args.join(' ')} ended with code ${code}. It said: ${said.trim().split('\n').slice(-5).join(' / ')}`)
}

/** The text of a file; nothing where there is none. */
export function read(host: Host, path: string): string | undefined {
  const file = host.at(path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** The numbers of `user:group` by the machine's own lists, which know them a moment after useradd. */
function numbersOf(host: Host, owner: string): { uid: number; gid: number } {
  const numberIn = (list: string, name: string) => {
    const line = read(host, list)
      ?.split('\n')
      .find(line => line.startsWith(`${name}:`))
    if (!line) throw new Error(`${list} has no ${name}.`)
    return Number(line.split(':')[2])
  }
  const [user, group] = owner.split(':') as [string, string]
  return { uid: numberIn('/etc/passwd', user), gid: numberIn('/etc/group', group) }
}

/** Whether a path has this mode and belongs to `user:group`. */
export function isOwnedAs(host: Host, path: string, owner: string, mode: number): boolean {
  const file = host.at(path)
  if (!existsSync(file)) return false
  const { uid, gid, mode: found } = statSync(file)
  const wanted = knownNumbersOf(host, owner)
  return wanted !== undefined && uid === wanted.uid && gid === wanted.gid && (found & 0o7777) === mode
}

/** A dry run asks before the user is there. */
function knownNumbersOf(host: Host, owner: string) {
  try {
    return numbersOf(host, owner)
  } catch {
    return undefined
  }
}

export function giveTo(host: Host, path: string, owner: string, mode: number): void {
  const { uid, gid } = numbersOf(host, owner)
  chownSync(host.at(path), uid, gid)
  chmodSync(host.at(path), mode)
}

/** Puts a file in place whole: who reads it meanwhile, or after a power cut, has the former one or this one. */
export function put(host: Host, path: string, content: string | Uint8Array, owner: string, mode: number): void {
  const file = host.at(path)
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${path}.quartermaster-draft`
  writeFileSync(host.at(draft), content, { mode: 0o600 })
  giveTo(host, draft, owner, mode)
  renameSync(host.at(draft), file)
}

/** Where a link points; nothing where there is no link. */
export function linkAt(host: Host, path: string): string | undefined {
  try {
    return readlinkSync(host.at(path))
  } catch {
    return undefined
  }
}

/** Exchanges a link in one step. */
export function link(host: Host, path: string, target: string): void {
  const file = host.at(path)
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.quartermaster-draft`
  rmSync(draft, { force: true })
  symlinkSync(target, draft)
  renameSync(draft, file)
}

export function remove(host: Host, path: string): void {
  rmSync(host.at(path), { recursive: true, force: true })
}

/** Takes folders away, from the first on, as long as nothing is in them. */
export function removeEmpty(host: Host, ...paths: string[]): void {
  for (const path of paths) {
    if (!exists(host, path)) continue
    if (readdirSync(host.at(path)).length > 0) return
    rmdirSync(host.at(path))
  }
}

export function exists(host: Host, path: string): boolean {
  return lstatSync(host.at(path), { throwIfNoEntry: false }) !== undefined
}

/** The host that the installer runs on; `root` is another one's file system, for tests alone. */
export function thisHost(values: Pick<Host, 'profile' | 'release' | 'version' | 'forImage' | 'deletesData'>): Host {
  return { ...values, hasServices: existsSync('/run/systemd/system'), at: path => join('/', path), run: runProgram }
}
