import type { Db } from './db.ts'
import { findSetting, putSetting } from './settings.ts'

const name = 'requireTlsForRegistration'

/** Whether messages that carry a token must come over TLS; off until somebody turned it on (wire-device 5.9). */
export const isTlsRequiredForRegistration = async (db: Db): Promise<boolean> => (await findSetting(db, name))?.value === true

/** Remembers whether they must, and who decided it. */
export const putTlsRequiredForRegistration = (db: Db, isRequired: boolean, by: { at: Date; who: string }): Promise<void> =>
  putSetting(db, { name, value: isRequired, secret: null, changedAt: by.at, changedBy: by.who })
