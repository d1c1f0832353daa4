import type { Context } from '../../context.ts'
import { day, later } from '../../rules/clock.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { findOpenAlert, updateAlertAnswer } from '../../storage/alerts.ts'
import { recordEvent } from '../../storage/events.ts'

/** After how many days one may be reminded. */
export const reminderDays = [1, 7, 30] as const

/** What somebody does about an alert: "remind later, dismiss", or nothing any more, and it is open as before. */
export type AlertAnswer = { do: 'remind'; days: number } | { do: 'dismiss' } | { do: 'reopen' }

/**
 * Puts an open alert off or aside, for everybody who sees it, or takes that back. What it warns of stays as it is: it comes back when it becomes
 * more severe, and when it is raised anew after its reason was gone. Refuses an alert that is not open any more.
 */
export async function answerAlert(
  context: Context,
  who: Person,
  { localAccountId, id }: { localAccountId: number; id: number },
  answer: AlertAnswer,
): Promise<void> {
  const now = context.clock.now()
  refuseUnless(answer.do !== 'remind' || isReminder(answer.days), 'INVALID', 'Choose after how many days you want to be reminded.', 'days')
  await context.storage.transaction(async tx => {
    const alert = await findOpenAlert(tx, localAccountId, id)
    const isOpen =
      alert !== undefined &&
      (await updateAlertAnswer(tx, alert, {
        remindAt: answer.do === 'remind' ? later(now, answer.days * day) : null,
        dismissedAt: answer.do === 'dismiss' ? now : null,
        answeredBy: who.name,
      }))
    refuseUnless(isOpen, 'NOT_FOUND', 'There is no such open alert. What it warned of may be over.')
    await recordEvent(tx, {
      localAccountId,
      localVirtualAccountId: alert.localVirtualAccountId ?? undefined,
      at: now,
      kind: 'alert answered',
      message: `${words(answer)}: ${alert.source}. ${alert.message}`,
      who: who.name,
    })
  })
}

const isReminder = (days: number) => reminderDays.some(choice => choice === days)

function words(answer: AlertAnswer): string {
  if (answer.do === 'dismiss') return 'An alert was dismissed'
  if (answer.do === 'reopen') return 'An alert was opened again'
  return `An alert was put off for ${answer.days === 1 ? 'a day' : `${answer.days} days`}`
}
