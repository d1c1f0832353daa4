import { later } from '../../rules/clock.ts'
import type { Db } from '../../storage/db.ts'
import { recordEvents } from '../../storage/events.ts'
import { findSecuritySettings } from '../../storage/securitySettings.ts'
import { disableUsersAwaySince } from '../../storage/users.ts'

/** Disables whoever has not signed in for longer than the settings allow; the last System Administrator stays. Does nothing while no time is set. */
export async function disableInactiveUsers(tx: Db, now: Date): Promise<void> {
  const { inactive } = await findSecuritySettings(tx)
  if (inactive === 0) return
  const names = await disableUsersAwaySince(tx, later(now, -inactive), now)
  const days = Math.round(inactive / 86_400_000)
  await recordEvents(
    tx,
    names.map(name => ({
      localAccountId: 0,
      at: now,
      kind: 'user changed' as const,
      message: `User ${name} was disabled: no sign-in for ${days} days.`,
      who: 'the server',
    })),
  )
}
