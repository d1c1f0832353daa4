import type { ProxySetting } from '../rules/proxy.ts'
import type { Db } from './db.ts'
import { findSetting, putSetting, type StoredSetting } from './settings.ts'

/** The name of the setting. */
export const proxySetting = 'proxy'

/** The proxy as it is kept; the password is sealed. */
export type StoredProxy = { proxy: ProxySetting; password: Buffer | null }

/** What a setting says of the proxy; undefined where there is none. */
export const proxyFrom = (setting: StoredSetting | undefined): StoredProxy | undefined =>
  setting?.value ? { proxy: setting.value as ProxySetting, password: setting.secret } : undefined

/** The proxy on the way to the cloud; undefined where there is none. */
export const findProxy = async (db: Db): Promise<StoredProxy | undefined> => proxyFrom(await findSetting(db, proxySetting))

/** Puts a proxy, or none, in the place of the one before. */
export const putProxy = (db: Db, stored: StoredProxy | null, by: { at: Date; who: string }): Promise<void> =>
  putSetting(db, {
    name: proxySetting,
    value: stored?.proxy ?? null,
    secret: stored?.password ?? null,
    changedAt: by.at,
    changedBy: by.who,
  })
