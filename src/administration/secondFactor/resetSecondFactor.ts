import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { deleteSecondFactor } from '../../storage/secondFactors.ts'
import { deleteSessionsOf } from '../../storage/sessions.ts'
import { findUser } from '../../storage/users.ts'

/** Takes somebody's second factor away, whose device is lost; ends their sessions. Refuses an unknown user and one who has none. */
export async function resetSecondFactor(context: Context, who: Person, username: string): Promise<void> {
  const at = context.clock.now()
  await context.storage.transaction(async tx => {
    const user = await findUser(tx, username)
    refuseUnless(user, 'NOT_FOUND', 'There is no such user.')
    refuseUnless(await deleteSecondFactor(tx, user.id), 'CONFLICT', `${user.username} has no second factor.`)
    await deleteSessionsOf(tx, user.id)
    const message = `The second factor of ${user.username} was taken away.`
    await recordEvent(tx, { localAccountId: 0, at, kind: 'user changed', message, who: who.name })
  })
}
