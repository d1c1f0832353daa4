import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../folders.ts'

/** What the laboratory remembers from one start to the next, in a file that only its owner may read. */
export type Memory = {
  administrator?: { username: string; password: string }
  client?: { clientId: string; clientSecret: string }
  accounts?: { id: string; name: string; token: string }[]
}

/** Everything below the data folder that the laboratory made, and nothing else. */
const ours = [
  'server',
  'cloud',
  'products',
  'postgres',
  'postgres.log',
  'tls',
  'exchanges',
  'logs',
  'lab-clock',
  'lab.json',
  'laboratory.json',
]

const nameOf = (data: string) => join(data, 'laboratory.json')

/** Makes the data folder, after forgetting what was there when asked to. Refuses, in one sentence, a folder that cannot be written. */
export function prepareFolder(data: string, fresh: boolean): void {
  try {
    if (fresh) for (const name of ours) rmSync(join(data, name), { recursive: true, force: true })
    for (const name of ['logs', 'exchanges', 'products', 'cloud']) makeFolder(join(data, name))
    if (!existsSync(join(data, 'lab-clock'))) writeFileSync(join(data, 'lab-clock'), '0\n')
  } catch (error) {
    throw new Error(
      `The data folder ${data} cannot be written (${(error as NodeJS.ErrnoException).code}). Give it to this user, or name another with --data.`,
    )
  }
}

/** What was remembered; nothing at the first start. */
export const recall = (data: string): Memory => (existsSync(nameOf(data)) ? JSON.parse(readFileSync(nameOf(data), 'utf8')) : {})

/** Writes a file that only its owner may read, whole or not at all. */
export function writePrivately(file: string, content: object): void {
  const draft = `${file}.new`
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, file)
}

/** Remembers. */
export const remember = (data: string, memory: Memory): void => writePrivately(nameOf(data), memory)
