import type { Command } from '../../../wire/exchange/syncResponse.ts'
import type { Db } from './database.ts'

/** Remembers that a server is to remove a product instance. */
export const askForRemoval = (db: Db, registrationId: number, productInstanceId: string): void =>
  void db.run("insert or ignore into commands values (?, 'remove_product', ?)", registrationId, productInstanceId)

/** What a server is to be told, each once: the answer that tells it is kept, and given again where it was lost. */
export function takeCommands(db: Db, registrationId: number): Command[] {
  const commands = db.all<Command>(
    'select command, product_instance_id as product_instance_identifier from commands where registration_id = ? order by 2',
    registrationId,
  )
  db.run('delete from commands where registration_id = ?', registrationId)
  return commands
}
