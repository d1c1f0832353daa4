import { existsSync, readFileSync } from 'node:fs'
import type { Folders } from '../../actions/machine.ts'
import { type Pair, pairSettings } from '../pair.ts'
import { pairPlaces } from '../places.ts'
import { isEnabled } from './units.ts'

/** How far a machine is: it stands alone; it has the keys of a pair; its agent tends a pair. */
export type Stage = 'alone' | 'prepared' | 'pair'

export function stageOf(folders: Folders): Stage {
  if (isEnabled(folders, 'quartermaster-ha.service')) return 'pair'
  return existsSync(pairPlaces(folders).settings) ? 'prepared' : 'alone'
}

/** The pair that this machine is, or is to be, of. */
export const readPair = (folders: Folders): Pair => pairSettings.parse(JSON.parse(readFileSync(pairPlaces(folders).settings, 'utf8')))
