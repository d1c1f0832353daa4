import type { Db } from './db.ts'
import { findSetting, putSetting } from './settings.ts'

/** What of the server is on or off, by the name of its setting. */
export const switches = { api: 'api', registrationTls: 'requireTlsForRegistration' } as const
export type Switch = keyof typeof switches

/** Whether something is on; off until somebody turned it on. An earlier release kept an object for the API. */
export async function isOn(db: Db, which: Switch): Promise<boolean> {
  const value = (await findSetting(db, switches[which]))?.value
  return value === true || (value as { switchedOn?: boolean } | undefined)?.switchedOn === true
}

/** Remembers whether it is on, and who decided it. */
export const putSwitch = (db: Db, which: Switch, on: boolean, by: { at: Date; who: string }): Promise<void> =>
  putSetting(db, { name: switches[which], value: on, secret: null, changedAt: by.at, changedBy: by.who })
