import type { Context } from '../../context.ts'
import { type AccountRole, roleInWords } from '../../rules/accessRequests.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { lockWaitingAccessRequest } from '../../storage/accessRequests.ts'
import { findLocalVirtualAccount } from '../../storage/localVirtualAccounts.ts'
import { giveRole } from '../assignRole.ts'
import { endRequest } from './endRequest.ts'

/** What is given: the role that was asked for or another, in the whole account or in one of its Local Virtual Accounts. */
export type AccessGrant = { localAccountId: number; id: number; role: AccountRole; localVirtualAccountId?: number | undefined }

/** Approves a request for access: the role is given in the same transaction. Refuses one that has been decided meanwhile. */
export async function approveAccess(context: Context, who: Person, grant: AccessGrant): Promise<{ username: string; words: string }> {
  const { localAccountId, id, role, localVirtualAccountId } = grant
  return context.storage.transaction(async tx => {
    const at = context.clock.now()
    const request = await lockWaitingAccessRequest(tx, localAccountId, id)
    const place = localVirtualAccountId === undefined ? undefined : await findLocalVirtualAccount(tx, localAccountId, localVirtualAccountId)
    refuseUnless(localVirtualAccountId === undefined || place, 'NOT_FOUND', 'There is no such Local Virtual Account.')
    const assignment = { role, localAccountId, ...(place && { localVirtualAccountId: place.id }) }
    await giveRole(tx, { who, at }, request.username, assignment)
    const given = roleInWords(role, place?.name)
    const words = `${request.username} is ${given} of the Local Account ${request.account}.`
    await endRequest(tx, request, { decision: 'approved', at, by: who.name, reason: given, words })
    return { username: request.username, words: given }
  })
}
