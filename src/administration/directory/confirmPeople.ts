import type { Context } from '../../context.ts'
import type { Directory } from '../../directory/failover.ts'
import { DirectoryFault } from '../../directory/fault.ts'
import { lookUp } from '../../directory/people.ts'
import { later } from '../../rules/clock.ts'
import { Refusal } from '../../rules/refusal.ts'
import { confirmationInterval } from '../../rules/sessions.ts'
import type { User } from '../../rules/users.ts'
import { deleteApiTokensOf } from '../../storage/apiTokens.ts'
import { recordEvent } from '../../storage/events.ts'
import { putGroupRoles } from '../../storage/roleAssignments.ts'
import { deleteSessionsOf } from '../../storage/sessions.ts'
import { listUnconfirmed } from '../../storage/users.ts'
import { admitPerson } from './admitPerson.ts'
import { readDirectory } from './readDirectory.ts'

const atOnce = 500

/**
 * Asks the directory anew about everybody of it who is signed in and for whom it has not vouched for ten minutes: who lost a group loses its roles,
 * who is disabled or gone is signed out. While the directory does not answer, they go on for an hour at most (`confirmationEnded`).
 */
export async function confirmPeople(context: Context, { ends }: { ends?: AbortSignal } = {}): Promise<void> {
  const due = await listUnconfirmed(context.storage.db, later(context.clock.now(), -confirmationInterval), atOnce)
  const directory = due.length > 0 ? await readDirectory(context) : undefined
  if (!directory) return
  for (const user of due) {
    if (ends?.aborted) return
    try {
      await confirm(context, directory, user)
    } catch (error) {
      if (!(error instanceof DirectoryFault)) throw error
      context.log.warn({ step: error.step }, `The directory could not be asked about ${user.username}: ${error.message}`)
      if (error.isOutage) return
    }
  }
}

async function confirm(context: Context, directory: Directory, user: User): Promise<void> {
  const now = context.clock.now()
  const found = await lookUp(directory, user.username, now)
  if ('reason' in found) return signOut(context, user, found.reason)
  if (found.person.externalId !== user.externalId) return signOut(context, user, 'the directory has somebody else of this name')
  try {
    await context.storage.transaction(tx => admitPerson(tx, { origin: 'directory', ...found.person, groups: found.groups }, now))
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    await signOut(context, user, 'no group gives a role any more')
  }
}

async function signOut(context: Context, user: User, reason: string): Promise<void> {
  await context.storage.transaction(async tx => {
    await putGroupRoles(tx, user.id, [])
    await deleteSessionsOf(tx, user.id)
    await deleteApiTokensOf(tx, user.id)
    const message = `${user.username} was signed out: ${reason}.`
    await recordEvent(tx, { localAccountId: 0, at: context.clock.now(), kind: 'user changed', message, who: 'the server' })
  })
}
