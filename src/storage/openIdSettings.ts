import type { OpenIdSettings } from '../rules/openId.ts'
import type { Db } from './db.ts'
import { findSetting, putSetting } from './settings.ts'

const name = 'openid provider'

/** A provider of OpenID Connect as it is kept; the client's secret is sealed. */
export type StoredOpenId = { settings: OpenIdSettings; sealedSecret: Buffer }

/** The provider at which people may sign in; undefined where there is none. */
export async function findOpenId(db: Db): Promise<StoredOpenId | undefined> {
  const setting = await findSetting(db, name)
  return setting?.value && setting.secret ? { settings: setting.value as OpenIdSettings, sealedSecret: setting.secret } : undefined
}

/** Puts a provider, or none, in the place of the one before. */
export const putOpenId = (db: Db, stored: StoredOpenId | null, by: { at: Date; who: string }): Promise<void> =>
  putSetting(db, { name, value: stored?.settings ?? null, secret: stored?.sealedSecret ?? null, changedAt: by.at, changedBy: by.who })
