import type { MailSettings } from '../rules/mail.ts'
import type { Db } from './db.ts'
import { findSetting, putSetting, type StoredSetting } from './settings.ts'

/** The name of the setting. */
export const mailSetting = 'mail'

/** Where mail goes out, as it is kept; the password is sealed. */
export type StoredMailSettings = MailSettings & { sealedPassword: Buffer | null }

/** What a setting says of mail; undefined where none goes out. */
export const mailSettingsFrom = (setting: StoredSetting | undefined): StoredMailSettings | undefined =>
  setting?.value ? { ...(setting.value as MailSettings), sealedPassword: setting.secret } : undefined

/** Where mail goes out, with the sealed password; undefined before anybody has said. */
export const findMailSettings = async (db: Db): Promise<StoredMailSettings | undefined> =>
  mailSettingsFrom(await findSetting(db, mailSetting))

/** Puts where mail goes out in the place of what it was; null: no mail goes out. */
export const putMailSettings = (
  db: Db,
  settings: MailSettings | null,
  sealedPassword: Buffer | null,
  by: { at: Date; who: string },
): Promise<void> => putSetting(db, { name: mailSetting, value: settings, secret: sealedPassword, changedAt: by.at, changedBy: by.who })
