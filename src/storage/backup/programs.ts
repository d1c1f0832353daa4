import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { Refusal } from '../../rules/refusal.ts'
import { environmentFor } from './address.ts'

type Name = 'pg_dump' | 'pg_restore'

const majorOf = (program: string): number => {
  try {
    return Number(
      /\(PostgreSQL\) (\d+)/.exec(execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))?.[1],
    )
  } catch {
    return 0
  }
}

/** Debian's packages keep each major version in a folder of its own; elsewhere it is where every program is. */
const places = (name: Name) => [...globSync(`/usr/lib/postgresql/*/bin/${name}`), `/usr/local/bin/${name}`, `/usr/bin/${name}`]

/**
 * One of PostgreSQL's programs of `major` or newer, the oldest of those: an older one refuses a newer database. The npm package of the
 * laboratory's database has neither program, and what a machine lacks is said before anything begins.
 */
export function findProgram(name: Name, major: number): string {
  const [best] = places(name)
    .map(program => ({ program, major: majorOf(program) }))
    .filter(found => found.major >= major)
    .sort((a, b) => a.major - b.major)
  if (best) return best.program
  throw new Refusal(
    'UNSUPPORTED_VERSION',
    `The database is PostgreSQL ${major}, and no ${name} of version ${major} or newer is on this machine. Install the package postgresql-client-${major}.`,
  )
}

/** A program under way, and a promise that is broken with its last words when it fails. */
export type Running = { child: ChildProcess; ended: Promise<void> }

/** Starts one of them on the database of `connection`. */
export function startProgram(program: string, args: string[], connection: string): Running {
  const child = spawn(program, args, { env: environmentFor(connection), cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] })
  const words = text(child.stderr)
  const ended = once(child, 'close').then(async ([code, signal]) => {
    if (code === 0) return
    const said = (await words).trim().split('\n').slice(-3).join(' / ')
    throw new Error(`${program} ended with ${signal ?? `code ${code}`}. It said: ${said}`)
  })
  // Whoever waits for it hears of it; nobody waiting is no reason to end the server.
  ended.catch(() => {})
  return { child, ended }
}
