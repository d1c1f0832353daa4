import type { MailSettings } from '../rules/mail.ts'
import type { Db } from './db.ts'
import { findSetting, putSetting } from './settings.ts'

const name = 'mail'

/** Where mail goes out, with the sealed password; undefined before anybody has said. */
export async function findMailSettings(db: Db): Promise<(MailSettings & { sealedPassword: Buffer | null }) | undefined> {
  const setting = await findSetting(db, name)
  return setting?.value ? { ...(setting.value as MailSettings), sealedPassword: setting.secret } : undefined
}

/** Puts where mail goes out in the place of what it was; null: no mail goes out. */
export const putMailSettings = (
  db: Db,
  settings: MailSettings | null,
  sealedPassword: Buffer | null,
  by: { at: Date; who: string },
): Promise<void> => putSetting(db, { name, value: settings, secret: sealedPassword, changedAt: by.at, changedBy: by.who })
