import type { Db } from './database.ts'

/** What a courier brought, and what they take back. */
export type FileExchange = { id: string; at: number; localAccount: string; what: string; sequence: number; fileName: string }

const kept = 100

/** Keeps a response for the courier, who may lose it on the way, and forgets those of long ago. */
export function putFileExchange(db: Db, exchange: FileExchange & { response: string }): void {
  const { id, at, localAccount, what, sequence, fileName, response } = exchange
  db.run('insert into file_exchanges values (?, ?, ?, ?, ?, ?, ?)', id, at, localAccount, what, sequence, fileName, response)
  db.run('delete from file_exchanges where id not in (select id from file_exchanges order by at desc, rowid desc limit ?)', kept)
}

/** The last of them. */
export const listFileExchanges = (db: Db, limit: number): FileExchange[] =>
  db.all(
    `select id, at, local_account as localAccount, what, sequence, file_name as fileName from file_exchanges order by at desc, rowid desc limit ?`,
    limit,
  )

/** The response of one. */
export const findFileResponse = (db: Db, id: string): { fileName: string; response: string } | undefined =>
  db.one('select file_name as fileName, response from file_exchanges where id = ?', id)
