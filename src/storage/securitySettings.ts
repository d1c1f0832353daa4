import { type SecuritySettings, standardSecurity } from '../rules/security.ts'
import type { Db } from './db.ts'
import { findSetting, putSetting } from './settings.ts'

export const securitySetting = 'security'

/** What is kept, over what holds while nobody has changed anything: a part that a newer release added has its value from there. */
export function securityFromValue(value: unknown): SecuritySettings {
  const kept = (value ?? {}) as Partial<SecuritySettings>
  return {
    passwords: { ...standardSecurity.passwords, ...kept.passwords },
    lockout: { ...standardSecurity.lockout, ...kept.lockout },
    sessions: { ...standardSecurity.sessions, ...kept.sessions },
    inactive: kept.inactive ?? standardSecurity.inactive,
    banner: { ...standardSecurity.banner, ...kept.banner },
    secondFactor: kept.secondFactor ?? standardSecurity.secondFactor,
  }
}

/** What local sign-ins are held to. */
export const findSecuritySettings = async (db: Db): Promise<SecuritySettings> =>
  securityFromValue((await findSetting(db, securitySetting))?.value)

/** Puts them in the place of what they were. */
export const putSecuritySettings = (db: Db, settings: SecuritySettings, by: { at: Date; who: string }): Promise<void> =>
  putSetting(db, { name: securitySetting, value: settings, secret: null, changedAt: by.at, changedBy: by.who })
