import type { Db } from './store/database.ts'
import { findSetting, putSetting } from './store/settings.ts'

/**
 * "Faults on demand for tests and drills: slow, refuse, lose the answer, wrong clock, ask for a full synchronization, sign with the wrong key"; and
 * what 7.1.3 is about: a token that is not taken (401), a request that is too large (413).
 */
export const faultNames = [
  'refuse',
  'loseAnswer',
  'askForFull',
  'wrongKey',
  'denyToken',
  'tooLarge',
  'slowSeconds',
  'wrongClockHours',
] as const
export type FaultName = (typeof faultNames)[number]
export type Faults = Record<FaultName, number>

const none = Object.fromEntries(faultNames.map(name => [name, 0])) as Faults

/** What is set: of the next how many exchanges, and for how long. */
export const findFaults = (db: Db): Faults => ({ ...none, ...JSON.parse(findSetting(db, 'faults') ?? '{}') })

/** Sets faults; what is not named stays. */
export const putFaults = (db: Db, faults: Partial<Faults>): void =>
  putSetting(db, 'faults', JSON.stringify({ ...findFaults(db), ...faults }))

/** Whether the fault strikes now; it strikes as many times as it was set for. */
export function strikes(db: Db, name: Exclude<FaultName, 'slowSeconds' | 'wrongClockHours'>): boolean {
  const left = findFaults(db)[name]
  if (left > 0) putFaults(db, { [name]: left - 1 })
  return left > 0
}
