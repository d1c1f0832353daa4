import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { requeueNotice } from '../../storage/notices.ts'
import { releaseReceiver } from '../../storage/receivers.ts'
import { getReceiver } from './getReceiver.ts'

/** Tells a receiver once more of something that it took or refused, before what else waits. */
export async function resendNotice(context: Context, who: Person, receiverId: number, noticeId: number): Promise<void> {
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    const { name } = await getReceiver(tx, receiverId)
    const waits = Number.isSafeInteger(noticeId) && (await requeueNotice(tx, receiverId, noticeId))
    refuseUnless(waits, 'NOT_FOUND', 'There is no such notice, or it waits to be sent already.')
    await releaseReceiver(tx, receiverId, at)
    const message = `${name} is told of notice ${noticeId} once more.`
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
  })
}
