import type { Context } from '../../context.ts'
import { checkReach, checkReceiver, type Reach, reachInWords, type Topic, topicsInWords } from '../../rules/receivers.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { countReceivers, insertReceiver } from '../../storage/receivers.ts'
import { makeReceiverKey } from './receiverKey.ts'

/** What a receiver shall be. */
export type ReceiverWish = Reach & { name: string; topics: Topic[] }

/** Each of them gets a copy of everything. */
const most = 20

/**
 * Adds a receiver, which is told of what happens from now on. A webhook gets a key of its own that its messages are signed with: `secret` is given
 * here, and shown nowhere else. Refuses a second one of the same name.
 */
export async function addReceiver(context: Context, who: Person, wish: ReceiverWish): Promise<{ id: number; secret: string | null }> {
  checkReceiver(wish)
  const reach = checkReach(wish)
  const at = context.clock.now()
  const key = reach.kind === 'webhook' ? makeReceiverKey(context.secrets) : undefined
  return context.storage.transaction(async tx => {
    refuseUnless((await countReceivers(tx)) < most, 'TOO_MANY', `There are ${most} receivers already. Remove one first.`)
    const row = { ...reach, name: wish.name, topics: wish.topics, secret: key?.sealed ?? null, createdAt: at, createdBy: who.name }
    const id = await insertReceiver(tx, row)
    refuseUnless(id !== undefined, 'INVALID', 'There is a receiver of this name already.', 'name')
    const message = `${wish.name} (${reachInWords(reach)}) is told of ${topicsInWords(wish.topics)} from now on.`
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
    return { id, secret: key?.shown ?? null }
  })
}
