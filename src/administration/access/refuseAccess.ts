import type { Context } from '../../context.ts'
import { checkAccessReason, roleInWords } from '../../rules/accessRequests.ts'
import type { Person } from '../../rules/roles.ts'
import { lockWaitingAccessRequest } from '../../storage/accessRequests.ts'
import { endRequest } from './endRequest.ts'

/** Refuses a request for access, with a reason that whoever asked reads. Refuses one that has been decided meanwhile. */
export async function refuseAccess(
  context: Context,
  who: Person,
  { localAccountId, id, reason }: { localAccountId: number; id: number; reason: string },
): Promise<{ username: string }> {
  const because = checkAccessReason(reason)
  return context.storage.transaction(async tx => {
    const request = await lockWaitingAccessRequest(tx, localAccountId, id)
    const { username, role, localVirtualAccount } = request
    const words = `The request of ${username} to be ${roleInWords(role, localVirtualAccount)} was refused: ${because}`
    await endRequest(tx, request, { decision: 'refused', at: context.clock.now(), by: who.name, reason: because, words })
    return { username }
  })
}
