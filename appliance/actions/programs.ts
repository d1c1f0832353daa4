import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, type RefusalCode } from '../../src/rules/refusal.ts'
import type { Json } from './action.ts'
import type { Machine } from './machine.ts'

const hour = 3_600_000

/** What the server's programs are told of their settings: the appliance's file, or on a laptop what the console was started with. */
function settingsOf({ appliance, folders }: Machine): Record<string, string> {
  const file = join(folders.settings, 'settings.env')
  if (appliance || existsSync(file)) return { QUARTERMASTER_CONFIG: file }
  const given = Object.entries(process.env).filter(([name]) => name.startsWith('QUARTERMASTER_') || name === 'DATABASE_URL')
  return { ...(Object.fromEntries(given) as Record<string, string>), QUARTERMASTER_DATA: folders.data }
}

/** How one of our programs is started: by this Node, from this release, as the service's user. */
const startOf = (machine: Machine, input: string) => ({
  as: 'service' as const,
  folder: machine.folders.data,
  environment: settingsOf(machine),
  input,
})

/**
 * The operator's commands of the server (`server unlock …`), with their data. What such a command says no with is a sentence for people, and is
 * passed on as a refusal.
 */
export async function serverProgram(machine: Machine, words: string[], { input = '', timeout = 120_000 } = {}): Promise<Json> {
  const ran = await machine.run(process.execPath, [join(machine.folders.code, 'src/server.ts'), ...words, '--json'], {
    ...startOf(machine, input),
    timeout,
  })
  if (ran.code !== 0) throw new Refusal('CONFLICT', lastLine(ran.err) || 'The server gave no reason.')
  return JSON.parse(lastLine(ran.out) || 'null')
}

/** The program of backups (`backup create`), with its progress told as it comes. The passphrase goes to its standard input. */
export async function backupProgram(machine: Machine, words: string[], passphrase = ''): Promise<Json> {
  let last: { result?: Json; error?: { code: string; message: string } } = {}
  const onLine = (line: string) => {
    const said = parsed(line)
    if (said?.progress) machine.tell({ step: said.progress.step, ...(said.progress.bytes ? { done: said.progress.bytes } : {}) })
    else if (said) last = said
  }
  const ran = await machine.run(process.execPath, [join(machine.folders.code, 'src/server/backup.ts'), ...words, '--json'], {
    ...startOf(machine, `${passphrase}\n`),
    timeout: 24 * hour,
    onLine: (line, from) => from === 'out' && onLine(line),
  })
  if (ran.code === 0) return last.result ?? null
  const { code, message } = last.error ?? { code: 'FAULT', message: lastLine(ran.err) || `it ended with ${ran.code}` }
  if (code === 'FAULT') throw new Refusal('CONFLICT', `The backup program failed: ${message}`)
  throw new Refusal(code as RefusalCode, message)
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? ''

// biome-ignore lint/suspicious/noExplicitAny: whatever the program wrote; its shape is looked at where it is used.
function parsed(line: string): any {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
