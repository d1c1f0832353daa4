import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { deleteSessionNumbered, deleteSessionsOf } from '../../storage/sessions.ts'
import { findUser } from '../../storage/users.ts'

/** Ends one session, whoever holds it: its identifier opens nothing from now on. Refuses one that is not there. */
export const endSession = (context: Context, who: Person, number: number): Promise<void> =>
  context.storage.transaction(async tx => {
    const username = await deleteSessionNumbered(tx, number)
    refuseUnless(username, 'NOT_FOUND', 'This session has ended already.')
    const message = `A session of ${username} was ended.`
    await recordEvent(tx, { localAccountId: 0, at: context.clock.now(), kind: 'user changed', message, who: who.name })
  })

/** Ends every session of a user. Refuses an unknown user. */
export const endSessionsOf = (context: Context, who: Person, username: string): Promise<void> =>
  context.storage.transaction(async tx => {
    const user = await findUser(tx, username)
    refuseUnless(user, 'NOT_FOUND', 'There is no such user.', 'username')
    await deleteSessionsOf(tx, user.id)
    const message = `All sessions of ${user.username} were ended.`
    await recordEvent(tx, { localAccountId: 0, at: context.clock.now(), kind: 'user changed', message, who: who.name })
  })
