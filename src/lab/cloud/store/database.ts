import { closeSync, openSync, readFileSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite'

export type Row = Record<string, SQLOutputValue>

/** What storage functions ask: one statement, with its values in the order of the question marks. */
export type Db = {
  all<T = Row>(sql: string, ...values: SQLInputValue[]): T[]
  one<T = Row>(sql: string, ...values: SQLInputValue[]): T | undefined
  run(sql: string, ...values: SQLInputValue[]): { id: number; changes: number }
}

/** The state of the cloud. */
export type Database = {
  /** For looks: sees what is committed, and cannot change it. */
  read: Db
  /** Does `work` in one transaction, one after the other: all of it is on the disk when the promise is kept, none of it when it is broken. */
  write<T>(work: (db: Db) => T | Promise<T>): Promise<T>
  close(): void
}

const schema = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8')

/** Opens the file, and makes it, for its owner alone, on the first start. What was under way when the process was killed never happened. */
export function openDatabase(file: string): Database {
  closeSync(openSync(file, 'a', 0o600))
  const writer = new DatabaseSync(file)
  writer.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000')
  writer.exec(schema)
  const reader = new DatabaseSync(file, { readOnly: true })
  const db = statements(writer)
  let last: Promise<unknown> = Promise.resolve()
  return {
    read: statements(reader),
    write(work) {
      const done = last.then(() => inTransaction(writer, () => work(db)))
      last = done.catch(() => {})
      return done
    },
    close() {
      reader.close()
      writer.close()
    },
  }
}

async function inTransaction<T>(connection: DatabaseSync, work: () => T | Promise<T>): Promise<T> {
  connection.exec('begin immediate')
  try {
    const result = await work()
    connection.exec('commit')
    return result
  } catch (error) {
    connection.exec('rollback')
    throw error
  }
}

function statements(connection: DatabaseSync): Db {
  const known = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const statement = (sql: string) => known.get(sql) ?? known.set(sql, connection.prepare(sql)).get(sql)!
  return {
    all: <T>(sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as T[],
    one: <T>(sql: string, ...values: SQLInputValue[]) => statement(sql).get(...values) as T | undefined,
    run(sql, ...values) {
      const { lastInsertRowid, changes } = statement(sql).run(...values)
      return { id: Number(lastInsertRowid), changes: Number(changes) }
    },
  }
}
