import type { Context } from '../context.ts'
import type { Person } from '../rules/roles.ts'
import { listSomeProductInstances } from '../storage/productInstances.ts'
import { buryProductInstance } from './removeProductInstance.ts'

/** So many at a time: each part is a transaction, and what others do in the account goes on in between. */
const part = 200

/**
 * Removes every product instance of an account, as its deactivation asks for: licenses are free at once, each has its tombstone and its event.
 * Gives how many they were. Stopped halfway, it is taken up by asking again.
 */
export async function removeAllProductInstances(
  context: Context,
  who: Person,
  { localAccountId, reason }: { localAccountId: number; reason: string },
): Promise<number> {
  let removed = 0
  for (;;) {
    const ids = await listSomeProductInstances(context.storage.db, localAccountId, part)
    if (ids.length === 0) return removed
    await context.storage.transaction(async tx => {
      for (const productInstanceId of ids) {
        await buryProductInstance(tx, { localAccountId, productInstanceId }, { who: () => who.name, reason }, context.clock.now())
      }
    })
    removed += ids.length
  }
}
