import type { Db } from './database.ts'

/** One setting of this cloud; undefined while it has none. */
export const findSetting = (db: Db, name: string): string | undefined =>
  db.one<{ value: string }>('select value from settings where name = ?', name)?.value

/** Puts a setting in the place of what it was. */
export const putSetting = (db: Db, name: string, value: string): void =>
  void db.run('insert or replace into settings values (?, ?)', name, value)
