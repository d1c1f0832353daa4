import type { Context } from '../../context.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { User } from '../../rules/users.ts'
import { lockWaitingAccessRequest } from '../../storage/accessRequests.ts'
import { endRequest } from './endRequest.ts'

/** Somebody takes back their own request for access. That of another is as if it were not there. */
export async function withdrawAccess(
  context: Context,
  user: User,
  { localAccountId, id }: { localAccountId: number; id: number },
): Promise<{ account: string }> {
  return context.storage.transaction(async tx => {
    const request = await lockWaitingAccessRequest(tx, localAccountId, id)
    refuseUnless(request.userId === user.id, 'NOT_FOUND', 'There is no such request.')
    const words = `${user.username} took the request for access back.`
    await endRequest(tx, request, { decision: 'withdrawn', at: context.clock.now(), by: user.username, reason: null, words })
    return { account: request.account }
  })
}
