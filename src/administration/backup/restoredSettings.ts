import { dirname, join } from 'node:path'
import { readEnvironmentFile } from '../../config/environmentFile.ts'
import { type Config, givenSettings } from '../../config.ts'
import { putFile } from '../../files.ts'
import { makeFolder } from '../../folders.ts'
import { type CarriedName, placeOf } from './carried.ts'

/** A setting that is another one here than where the backup was taken. `before`: what would have it as it was, null where it was not set. */
export type DifferentSetting = { setting: string; here: string | null; before: string | null; ofTheServer: boolean }

/** What the trust of cloud and products rests on, wherever the server runs; every other setting belongs to a machine. */
const ofTheServer = ['QUARTERMASTER_LICENSING_ROOT', 'QUARTERMASTER_CLOUD_URL', 'QUARTERMASTER_CLOUD_CA']

/** The carried files that a setting names, and so have no place where it is not set. */
const namedBy: [CarriedName, string][] = [
  ['licensing-root.pem', 'QUARTERMASTER_LICENSING_ROOT'],
  ['cloud-ca.pem', 'QUARTERMASTER_CLOUD_CA'],
]

/** The settings of the backup, for somebody to compare. */
export const laidDownIn = ({ dataFolder }: Pick<Config, 'dataFolder'>): string => join(dataFolder, 'restored-settings.env')

/**
 * Lays down what a backup carries and this machine has no place for: its settings, and files that no setting here names. Gives what differs, so that
 * whoever restores sees it, or sets it: nothing is set here.
 */
export function layDownSettings(config: Config, carried: ReadonlyMap<CarriedName, Buffer>): DifferentSetting[] {
  const bytes = carried.get('settings.env')
  if (!bytes) return []
  putFile(laidDownIn(config), bytes)
  const [before, here] = [readEnvironmentFile(bytes.toString('utf8'), laidDownIn(config)), givenSettings()]
  const places = placeOf(config)
  for (const [name, setting] of namedBy) {
    const content = carried.get(name)
    // Where there is a place, the file is put there, whatever that was called.
    if (places[name] || !content) delete before[setting]
    else before[setting] = putRestored(config, name, content)
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(here)])].filter(name => name !== 'DATABASE_URL')
  return names
    .filter(name => before[name] !== here[name] && !namedBy.some(([file, setting]) => setting === name && places[file]))
    .map(setting => ({ setting, here: here[setting] ?? null, before: before[setting] ?? null, ofTheServer: ofTheServer.includes(setting) }))
}

function putRestored({ dataFolder }: Config, name: CarriedName, content: Buffer): string {
  const file = join(dataFolder, 'restored', name)
  makeFolder(dirname(file))
  putFile(file, content)
  return file
}

/** A difference, as a line for people. */
export const settingLine = ({ setting, here, before }: DifferentSetting): string =>
  `${setting} is ${here ?? 'not set'} here, and was ${before ?? 'not set'}.`
