import type { ProxySetting } from '../rules/proxy.ts'
import type { Db } from './db.ts'
import { findSetting, putSetting } from './settings.ts'

const name = 'proxy'

/** The proxy as it is kept; the password is sealed. */
export type StoredProxy = { proxy: ProxySetting; password: Buffer | null }

/** The proxy on the way to the cloud; undefined where there is none. */
export async function findProxy(db: Db): Promise<StoredProxy | undefined> {
  const setting = await findSetting(db, name)
  return setting?.value ? { proxy: setting.value as ProxySetting, password: setting.secret } : undefined
}

/** Puts a proxy, or none, in the place of the one before. */
export const putProxy = (db: Db, stored: StoredProxy | null, by: { at: Date; who: string }): Promise<void> =>
  putSetting(db, { name, value: stored?.proxy ?? null, secret: stored?.password ?? null, changedAt: by.at, changedBy: by.who })
