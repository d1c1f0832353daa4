import type { Context } from '../../context.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { deleteReceiver } from '../../storage/receivers.ts'
import { getReceiver } from './getReceiver.ts'
import { clearReceiverAlerts } from './receiverAlerts.ts'

/** Removes a receiver, with what waits for it. Gives its name. */
export async function removeReceiver(context: Context, who: Person, id: number): Promise<string> {
  const at = context.clock.now()
  return context.storage.transaction(async tx => {
    const { name } = await getReceiver(tx, id)
    await clearReceiverAlerts(tx, id, at)
    await deleteReceiver(tx, id)
    const message = `${name} is not told of anything any more.`
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
    return name
  })
}
