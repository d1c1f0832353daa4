import type { Context } from '../../context.ts'
import { type AccessWish, checkAccessWish, roleInWords, waitingAtMost } from '../../rules/accessRequests.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { User } from '../../rules/users.ts'
import { countWaitingAccessRequests, insertAccessRequest, listDecidersAddresses } from '../../storage/accessRequests.ts'
import { raiseAlert } from '../../storage/alerts.ts'
import { recordEvent } from '../../storage/events.ts'
import { findLocalAccountByName } from '../../storage/localAccounts.ts'
import { writeMail } from '../../storage/mails.ts'
import { accessRequestAlert } from '../../storage/requestAlerts.ts'
import { assignmentsOf } from '../../storage/roleAssignments.ts'

/**
 * "Request access": somebody asks for a role in a Local Account that they name. Its administrators are told by an alert and by mail. Refuses an
 * account that is not there, a role that is held already, a second request while one waits, and more than anybody looks at.
 */
export async function requestAccess(context: Context, user: User, given: AccessWish): Promise<{ account: string }> {
  const { account: name, role, localVirtualAccount, message } = checkAccessWish(given)
  return context.storage.transaction(async tx => {
    const at = context.clock.now()
    const account = await findLocalAccountByName(tx, name)
    refuseUnless(account?.state === 'registered', 'INVALID', `There is no Local Account ${name} to have access to.`, 'account')
    const localAccountId = account.id
    const held = await assignmentsOf(tx, user.id)
    const holds = held.some(one => one.role === role && one.localAccountId === localAccountId && one.localVirtualAccountId === undefined)
    refuseUnless(!holds, 'CONFLICT', `You are a ${roleInWords(role, '')} of ${account.name} already.`, 'role')
    const waiting = await countWaitingAccessRequests(tx, user.id)
    refuseUnless(waiting < waitingAtMost, 'TOO_MANY', `${waitingAtMost} of your requests wait already. Let them be decided first.`)
    const id = await insertAccessRequest(tx, { localAccountId, userId: user.id, role, localVirtualAccount, message, requestedAt: at })
    const again = `You have asked for access to ${account.name} already. Let it be decided, or take it back.`
    refuseUnless(id !== undefined, 'CONFLICT', again, 'account')
    const words = `${user.displayName || user.username} asks to be ${roleInWords(role, localVirtualAccount)}.${message ? ` “${message}”` : ''}`
    await recordEvent(tx, { localAccountId, at, kind: 'access requested', message: words, who: user.username })
    const source = user.username
    await raiseAlert(tx, {
      ...accessRequestAlert(localAccountId, id),
      severity: 'info',
      source,
      message: words,
      action: 'Approve it, or refuse it.',
      at,
    })
    await writeMail(tx, {
      localAccountId,
      cause: `access ${localAccountId}/${id} requested`,
      subject: `${account.name}: access requested`,
      body: `${words}\n\nApprove it or refuse it in the Licensing workspace, under Account › Access requests.\n`,
      at,
      also: await listDecidersAddresses(tx, localAccountId),
    })
    return { account: account.name }
  })
}
