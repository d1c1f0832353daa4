import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { findMailSettings } from '../../storage/mailSettings.ts'
import { countWaitingMails, hurryMails } from '../../storage/mails.ts'

/** Lets all mail that waits be tried within the minute, however long it would have waited; gives how many. Refuses where none waits, or goes out. */
export async function retryMails(context: Context, who: Person): Promise<number> {
  const at = context.clock.now()
  return context.storage.transaction(async tx => {
    refuseUnless(await findMailSettings(tx), 'INVALID', 'No mail goes out: say first where, in the settings.')
    const waiting = await countWaitingMails(tx)
    refuseUnless(waiting > 0, 'INVALID', 'No mail waits.')
    await hurryMails(tx, at)
    const message = `The ${waiting} mails that wait are tried at once.`
    await recordEvent(tx, { localAccountId: 0, at, kind: 'settings changed', message, who: who.name })
    return waiting
  })
}
