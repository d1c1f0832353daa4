import type { Db } from './db.ts'

/** A setting of the server that a person changed. `secret` is sealed with the server key. */
export type StoredSetting = { name: string; value: unknown; secret: Buffer | null; changedAt: Date; changedBy: string }

type Row = { name: string; value: unknown; secret: Buffer | null; changed_at: Date; changed_by: string }

const fromRow = ({ changed_at: changedAt, changed_by: changedBy, ...row }: Row): StoredSetting => ({ ...row, changedAt, changedBy })

/** One setting; undefined while nobody has changed it. */
export async function findSetting(db: Db, name: string): Promise<StoredSetting | undefined> {
  const row = await db<Row>('settings').where({ name }).first('name', 'value', 'secret', 'changed_at', 'changed_by')
  return row && fromRow(row)
}

/** Those of some settings that somebody has changed, by name. One query. */
export async function listSettings(db: Db, names: string[]): Promise<Map<string, StoredSetting>> {
  const rows = await db<Row>('settings').whereIn('name', names).select('name', 'value', 'secret', 'changed_at', 'changed_by')
  return new Map(rows.map(row => [row.name, fromRow(row)]))
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
