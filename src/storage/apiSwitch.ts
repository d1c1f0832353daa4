import type { Db } from './db.ts'
import { findSetting, putSetting } from './settings.ts'

const name = 'api'

/** Whether the API answers at all: "Off until switched on" (api.md). */
export async function isApiSwitchedOn(db: Db): Promise<boolean> {
  const setting = await findSetting(db, name)
  return (setting?.value as { switchedOn?: boolean } | undefined)?.switchedOn === true
}

/** Remembers whether the API shall answer, and who decided it. */
export const putApiSwitch = (db: Db, switchedOn: boolean, by: { at: Date; who: string }): Promise<void> =>
  putSetting(db, { name, value: { switchedOn }, secret: null, changedAt: by.at, changedBy: by.who })
