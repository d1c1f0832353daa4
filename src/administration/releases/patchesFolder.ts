import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { makeFolder } from '../../folders.ts'

/** How a release that waits is called: a plain name, which can lead nowhere else. */
export const releaseName = /^[A-Za-z\d][A-Za-z\d._-]{0,190}\.qmr$/

/** Where releases wait: `patches:` of the console. Made if it must be. */
export function patchesFolder({ dataFolder }: Pick<Config, 'dataFolder'>): string {
  const folder = join(dataFolder, 'patches')
  makeFolder(folder)
  return folder
}
