import type { Context } from '../context.ts'
import type { Person } from '../rules/roles.ts'
import { checkSchedule, type SynchronizationSchedule } from '../rules/schedules.ts'
import { recordEvent } from '../storage/events.ts'
import { getLocalAccount } from '../storage/localAccounts.ts'
import { forgetPlans, putSchedule } from '../storage/synchronizationSchedules.ts'
import { putServerSchedule } from '../storage/synchronizationSettings.ts'

const inWords = ({ frequency, hour }: SynchronizationSchedule) =>
  frequency === 'off' ? 'only when somebody asks' : `${frequency}, from ${String(hour).padStart(2, '0')}:00 UTC on`

/** Decides when an account synchronizes by itself; null: as the server's schedule says. */
export async function scheduleSynchronization(
  context: Context,
  who: Person,
  { localAccountId, schedule }: { localAccountId: number; schedule: SynchronizationSchedule | null },
): Promise<void> {
  if (schedule) checkSchedule(schedule)
  await context.storage.transaction(async tx => {
    const { name } = await getLocalAccount(tx, localAccountId)
    await putSchedule(tx, localAccountId, schedule)
    await recordEvent(tx, {
      localAccountId,
      at: context.clock.now(),
      kind: 'settings changed',
      message: `${name} now synchronizes ${schedule ? inWords(schedule) : "as the server's schedule says"}.`,
      who: who.name,
    })
  })
}

/** Decides when those accounts synchronize for which nobody has decided otherwise. */
export async function scheduleSynchronizations(context: Context, who: Person, schedule: SynchronizationSchedule): Promise<void> {
  checkSchedule(schedule)
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    await putServerSchedule(tx, schedule, { at, who: who.name })
    await forgetPlans(tx)
    await recordEvent(tx, {
      localAccountId: 0,
      at,
      kind: 'settings changed',
      message: `Accounts without a schedule of their own now synchronize ${inWords(schedule)}.`,
      who: who.name,
    })
  })
}
