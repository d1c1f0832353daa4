import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import pino from 'pino'
import { readConfig } from '../../src/config.ts'
import { openShelves, type Shelves } from '../../src/server/shelves.ts'
import { ensureServerIdentity } from '../../src/synchronization/ensureServerIdentity.ts'
import { createEmptyDatabase } from './database.ts'

export const passphrase = 'correct horse battery'

/** A machine: a data folder and a database of its own, on which a server may be opened and closed. */
export type Machine = {
  folder: string
  connection: string
  settings: NodeJS.ProcessEnv
  /** Opens what a server stands on, as its roof does; closed with the machine at the latest. */
  open(): Promise<Shelves>
  /** The program, as people start it, with its passphrase on standard input. */
  backup(...words: string[]): Promise<{ code: number; out: string; err: string }>
  remove(): Promise<void>
}

/** A machine with an empty database. */
export async function newMachine(given: NodeJS.ProcessEnv = {}): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-machine-'))
  const { connection, drop } = await createEmptyDatabase()
  const settings = { QUARTERMASTER_DATA: folder, DATABASE_URL: connection, ...given }
  const opened: Shelves[] = []
  let removed = false
  return {
    folder,
    connection,
    settings,
    async open() {
      const shelves = await openShelves(readConfig(settings), pino({ level: 'silent' }))
      let isOpen = true
      const close = async () => {
        if (isOpen) await shelves.close()
        isOpen = false
      }
      opened.push({ ...shelves, close })
      return { ...shelves, close }
    },
    async backup(...words) {
      const child = spawn(process.execPath, ['src/server/backup.ts', ...words], { env: { ...process.env, ...settings } })
      child.stdin.on('error', () => {}).end(`${passphrase}\n`)
      const [out, err] = [text(child.stdout), text(child.stderr)]
      const [code] = await once(child, 'close')
      return { code, out: await out, err: await err }
    },
    async remove() {
      if (removed) return
      removed = true
      for (const { close } of opened) await close()
      await drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A machine on which a server has started once. */
export async function machineWithServer(
  given: NodeJS.ProcessEnv = {},
): Promise<{ machine: Machine; shelves: Shelves; serverUuid: string }> {
  const machine = await newMachine(given)
  const shelves = await machine.open()
  const { serverUuid } = await ensureServerIdentity(shelves.context.storage.db, shelves.context.secrets, shelves.context.clock.now())
  return { machine, shelves, serverUuid }
}
