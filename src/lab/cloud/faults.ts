import type { Db } from './store/database.ts'
import { findSetting, putSetting } from './store/settings.ts'

/** "Faults on demand for tests and drills: slow, refuse, lose the answer, wrong clock, ask for a full synchronization, sign with the wrong key." */
export const faultNames = ['refuse', 'loseAnswer', 'askForFull', 'wrongKey', 'slowSeconds', 'wrongClockHours'] as const
export type FaultName = (typeof faultNames)[number]
export type Faults = Record<FaultName, number>

const none: Faults = { refuse: 0, loseAnswer: 0, askForFull: 0, wrongKey: 0, slowSeconds: 0, wrongClockHours: 0 }

/** What is set: of the next how many exchanges, and for how long. */
export const findFaults = (db: Db): Faults => ({ ...none, ...JSON.parse(findSetting(db, 'faults') ?? '{}') })

/** Sets faults; what is not named stays. */
export const putFaults = (db: Db, faults: Partial<Faults>): void =>
  putSetting(db, 'faults', JSON.stringify({ ...findFaults(db), ...faults }))

/** Whether the fault strikes now; it strikes as many times as it was set for. */
export function strikes(db: Db, name: 'refuse' | 'loseAnswer' | 'askForFull' | 'wrongKey'): boolean {
  const left = findFaults(db)[name]
  if (left > 0) putFaults(db, { [name]: left - 1 })
  return left > 0
}
