import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Ran, RunOptions } from './machine.ts'

const enough = 1024 * 1024
const minute = 60_000

/** What every program gets, and nothing that whoever asked has set: no pager, no editor, no library to load first. */
const cleanEnvironment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', HOME: '/', TERM: 'dumb' }

/** The service's own user on an appliance. */
export const serviceUser = 'quartermaster'

/** Number and group of a user of this machine. */
function identityOf(user: string): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find(each => each.startsWith(`${user}:`))
  if (!line) throw new Error(`There is no user "${user}" on this machine.`)
  const [, , uid, gid] = line.split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

/**
 * Starts a program and waits for its end. The only place of the appliance's actions that starts one: "arguments as an array, each validated; no
 * shell anywhere". Ended with all that it started when `signal` or the time-out says so; that is a fault, as is a program that cannot be started.
 */
export async function run(program: string, args: readonly string[], options: RunOptions & { signal: AbortSignal }): Promise<Ran> {
  if (!program.startsWith('/')) throw new Error(`"${program}" is not an absolute program.`)
  const { input = '', timeout = minute, onLine, as = 'root', environment = {}, folder = '/', signal } = options
  signal.throwIfAborted()
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...cleanEnvironment, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that all of it ends together.
    detached: true,
    ...(as === 'service' && process.getuid?.() === 0 ? identityOf(serviceUser) : {}),
  })
  let ended: string | undefined
  const end = (why: string) => {
    ended ??= why
    if (child.pid) endGroup(child.pid)
  }
  const timer = setTimeout(() => end(`took longer than ${Math.round(timeout / 1000)} s and was ended`), timeout)
  const aborted = () => end('was ended, because nobody waits for it')
  signal.addEventListener('abort', aborted)
  try {
    child.stdin.on('error', () => {}).end(input)
    const [code, out, err] = await Promise.all([
      closed(child),
      collected(child.stdout, line => onLine?.(line, 'out')),
      collected(child.stderr, line => onLine?.(line, 'err')),
    ])
    if (ended) throw new Error(`${program} ${ended}.`)
    return { code, out, err }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', aborted)
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM')
    setTimeout(() => {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {
        // It went by itself.
      }
    }, 5000).unref()
  } catch {
    // It is gone already.
  }
}

const closed = (child: ReturnType<typeof spawn>) =>
  new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? (signal ? 128 : 1)))
  })

async function collected(stream: Readable, tell: (line: string) => void): Promise<string> {
  const lines: string[] = []
  let length = 0
  for await (const line of createInterface({ input: stream })) {
    tell(line)
    length += line.length + 1
    if (length <= enough) lines.push(line)
  }
  return lines.map(line => `${line}\n`).join('')
}
