import { buryProductInstance } from '../../licensing/removeProductInstance.ts'
import type { LocalAccount } from '../../rules/accounts.ts'
import type { Db } from '../../storage/db.ts'
import type { Command } from '../../wire/exchange/syncResponse.ts'

/**
 * Does what the cloud asks for: `remove_product`, "after 365 days remove on both sides", or because a person removed it there. "A reader passes
 * over commands it does not know", and over a product that is gone already. Gives how many were done. To be called before anything locks a Local
 * Virtual Account: whoever removes takes the instance first.
 */
export async function applyCommands(tx: Db, account: LocalAccount, commands: Command[], now: Date): Promise<number> {
  const removals = commands.flatMap(({ command, product_instance_identifier: id }) => (command === 'remove_product' && id ? [id] : []))
  let done = 0
  // In the order of the keys, as everybody takes them.
  for (const id of [...new Set(removals.map(each => each.toLowerCase()))].sort()) {
    const key = { localAccountId: account.id, productInstanceId: id }
    if (await buryProductInstance(tx, key, { who: () => 'the cloud', reason: 'Removed in the cloud.' }, now)) done++
  }
  return done
}
