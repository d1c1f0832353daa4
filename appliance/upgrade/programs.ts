import { join } from 'node:path'
import { Refusal, refuseUnless } from '../../src/rules/refusal.ts'
import type { Ran, RunOptions } from '../actions/machine.ts'
import type { Ground } from './ground.ts'
import { folderOf } from './installed.ts'

const hour = 3_600_000

/** Starts a program of an installed release, by that release's own Node, as the server's user. */
export function programOf(ground: Ground, version: string, words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const folder = folderOf(ground.releases, version)
  const [program = '', ...args] = words
  return ground.run(join(folder, 'bin/node'), [join(folder, program), ...args], {
    as: 'service',
    folder: ground.data,
    timeout: hour,
    ...options,
    environment: { ...ground.environment, ...options.environment },
  })
}

export const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

/** Why a program failed, in its own words: a sentence is the last line; where it broke, the line that names the error stands above its stack. */
export const reasonOf = ({ code, out, err }: Ran): string =>
  /^\w*Error: (.+)$/m.exec(err)?.[1] ?? (lastLine(err) || lastLine(out) || `the program ended with ${code}`)

/** The same, refused with its last words where it fails. `what` begins the sentence. */
export async function succeed(
  ground: Ground,
  version: string,
  words: readonly string[],
  what: string,
  options: RunOptions = {},
): Promise<string> {
  const ran = await programOf(ground, version, words, options)
  refuseUnless(ran.code === 0, 'CONFLICT', `${what}: ${reasonOf(ran)}`)
  return ran.out
}

/** What a release says of the database and of itself. */
export type SchemaStanding = { release: string; schema: number; known: number; leastKnown: number; fits: boolean }

export async function schemaBy(ground: Ground, version: string): Promise<SchemaStanding> {
  const out = await succeed(ground, version, ['src/server.ts', 'schema'], `Release ${version} cannot look at the database`)
  try {
    return JSON.parse(lastLine(out))
  } catch {
    throw new Refusal('CONFLICT', `Release ${version} says nothing of the database that can be read.`)
  }
}
