import type { Db } from './db.ts'

/** A setting of the server that a person changed. `secret` is sealed with the server key. */
export type StoredSetting = { name: string; value: unknown; secret: Buffer | null; changedAt: Date; changedBy: string }

/** One setting; undefined while nobody has changed it. */
export async function findSetting(db: Db, name: string): Promise<StoredSetting | undefined> {
  const row = await db('settings').where({ name }).first()
  return row && { name: row.name, value: row.value, secret: row.secret, changedAt: row.changed_at, changedBy: row.changed_by }
}

/** Puts a setting in the place of what it was. */
export async function putSetting(db: Db, setting: StoredSetting): Promise<void> {
  await db('settings')
    .insert({
      name: setting.name,
      value: JSON.stringify(setting.value),
      secret: setting.secret,
      changed_at: setting.changedAt,
      changed_by: setting.changedBy,
    })
    .onConflict('name')
    .merge()
}
