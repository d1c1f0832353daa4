import type { Context } from '../../context.ts'
import type { Person } from '../../rules/roles.ts'
import { insertNotice, markNoticeFailed, markNoticesDelivered } from '../../storage/notices.ts'
import { deliver } from './deliver.ts'
import { getReceiver } from './getReceiver.ts'

/**
 * "send a test": one notice at once, past what waits; it stands among the deliveries. One that fails is not sent later, when nobody waits for it. Gives
 * what the receiver said, or refuses with why it was not told.
 */
export async function sendTestNotice(context: Context, who: Person, id: number): Promise<string> {
  const { db } = context.storage
  const { receiver, notice } = await context.storage.transaction(async tx => {
    const found = await getReceiver(tx, id)
    const message = `${who.name} has sent this test of Quartermaster to ${found.name}.`
    const content = JSON.stringify({ message })
    return { receiver: found, notice: await insertNotice(tx, id, { topic: 'test', at: context.clock.now(), content }) }
  })
  try {
    const answer = await deliver(context, receiver, [notice])
    await markNoticesDelivered(db, id, [notice.id], { at: context.clock.now(), answer })
    return answer
  } catch (error) {
    await markNoticeFailed(db, id, notice.id, { answer: (error as Error).message, givenUpAt: context.clock.now() })
    throw error
  }
}
