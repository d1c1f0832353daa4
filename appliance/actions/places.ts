import { chownSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { makeFolder } from '../../src/folders.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import type { Machine } from './machine.ts'

/** The two folders that the console knows, by the names that it knows them by. */
export const places = ['backups', 'patches'] as const
export type Place = (typeof places)[number]

/** A file of a place; `meta.names` tells the console what to complete from. */
const fileIn = (place: Place, words: string) =>
  z
    .string()
    .regex(new RegExp(`^${place}:.`), `Give it as ${place}:NAME.`)
    .max(220)
    .describe(words)
    .meta({ names: [`${place}:`] })

export const backupFile = (words: string) => fileIn('backups', words)
export const patchFile = (words: string) => fileIn('patches', words)

const plainName = /^[A-Za-z\d][A-Za-z\d._-]{0,200}$/

export type Entry = { name: string; bytes: number; changedAt: string }

/** What is in a place: regular files with plain names, the newest first. Links and whatever else somebody laid there are not shown. */
export function entriesOf(machine: Machine, place: Place): Entry[] {
  const folder = folderOf(machine, place)
  const entries = readdirSync(folder).flatMap(name => {
    const found = plainName.test(name) ? lstatSync(join(folder, name), { throwIfNoEntry: false }) : undefined
    return found?.isFile() ? [{ name, bytes: found.size, changedAt: found.mtime.toISOString() }] : []
  })
  return entries.sort((a, b) => b.changedAt.localeCompare(a.changedAt))
}

/** The folder behind the name of a place, made if it must be. */
export const folderOf = (machine: Machine, place: Place): string => ensureFolder(machine, machine.folders[place])

/** Makes a folder of what is kept, if it must be; it belongs to whom all of that belongs to, the service's user. */
export function ensureFolder({ folders }: Machine, folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })) return folder
  makeFolder(folder, 0o700)
  const { uid, gid } = statSync(folders.data)
  if (process.getuid?.() === 0) chownSync(folder, uid, gid)
  return folder
}

/** `backups:NAME` taken apart. Refuses another place, and a name with more in it than letters, digits, ".", "_" and "-". */
export function readPlaceName(text: string): { place: Place; name: string } {
  const [, word, name = ''] = /^([a-z]+):(.*)$/s.exec(text) ?? []
  const place = places.find(each => each === word)
  refuseUnless(place, 'INVALID', 'Name a file as backups:NAME or patches:NAME.', 'file')
  refuseUnless(
    name === '' || plainName.test(name),
    'INVALID',
    'A file is named by letters, digits, ".", "_" and "-", and by no path.',
    'file',
  )
  return { place, name }
}

/** "Names mapped, never joined": the path of a file that is there, from the list of what is there. Refuses every other name. */
export function pathOf(machine: Machine, text: string): string {
  const { place, name } = readPlaceName(text)
  const entry = entriesOf(machine, place).find(each => each.name === name)
  refuseUnless(entry, 'NOT_FOUND', `There is no ${place}:${name}. "dir ${place}:" shows what is there.`, 'file')
  return join(folderOf(machine, place), entry.name)
}
