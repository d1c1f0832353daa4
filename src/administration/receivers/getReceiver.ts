import { refuseUnless } from '../../rules/refusal.ts'
import type { Db } from '../../storage/db.ts'
import { findReceiver, type Receiver } from '../../storage/receivers.ts'

/** PostgreSQL's largest `integer`. */
const largest = 2 ** 31 - 1

/** A receiver, kept as it is until the transaction ends; refuses where there is none. */
export async function getReceiver(tx: Db, id: number): Promise<Receiver> {
  const receiver = Number.isInteger(id) && id <= largest ? await findReceiver(tx, id, true) : undefined
  refuseUnless(receiver, 'NOT_FOUND', 'There is no such receiver.')
  return receiver
}
