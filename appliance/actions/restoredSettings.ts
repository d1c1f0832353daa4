import { chownSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { putFile } from '../../src/files.ts'
import type { Machine } from './machine.ts'

/** A setting that is another one here than where the backup was taken, as the program of backups tells it. */
export type DifferentSetting = { setting: string; here: string | null; before: string | null; ofTheServer: boolean }

const settingsOf = ({ folders }: Machine) => join(folders.settings, 'settings.env')
const formerOf = (machine: Machine) => `${settingsOf(machine)}.before-restore`

/** What a line of settings may be: no second line comes with it. */
const plain = ({ setting, before }: DifferentSetting) => /^[A-Z_]+$/.test(setting) && /^[\x21-\x7e]+$/.test(before ?? '')

/**
 * "Settings": sets what belongs to the server and not to the machine (whom the cloud and products are believed by, and where the cloud is) where this
 * machine has none of it. The former file is kept until the restore is accepted or undone. Gives what was set, and what is left to a person.
 */
export function takeSettings(machine: Machine, differs: DifferentSetting[]): { taken: string[]; differ: DifferentSetting[] } {
  const missing = differs.filter(each => each.ofTheServer && each.here === null && plain(each))
  if (missing.length > 0) {
    const file = settingsOf(machine)
    const text = readFileSync(file, 'utf8')
    put(formerOf(machine), file, text)
    const lines = missing.map(({ setting, before }) => `${setting}=${before}\n`).join('')
    put(file, file, `${text.replace(/\n?$/, '\n')}# From a backup.\n${lines}`)
  }
  return { taken: missing.map(({ setting }) => setting), differ: differs.filter(each => !missing.includes(each)) }
}

/** Writes a file for whom another is. */
function put(file: string, like: string, text: string): void {
  const { uid, gid, mode } = statSync(like)
  putFile(file, text, mode & 0o777)
  chownSync(file, uid, gid)
}

/** The settings are as they were before the restore. */
export function bringSettingsBack(machine: Machine): void {
  if (existsSync(formerOf(machine))) renameSync(formerOf(machine), settingsOf(machine))
}

export const forgetFormerSettings = (machine: Machine): void => rmSync(formerOf(machine), { force: true })
