import type { Context } from '../../context.ts'
import { checkReason, refuseUnlessCan } from '../../rules/accountLife.ts'
import type { Person } from '../../rules/roles.ts'
import { lockLocalAccount } from '../../storage/localAccounts.ts'
import { cancelOutstandingSynchronization } from '../../storage/synchronizations.ts'
import { deleteUploadedResponse } from '../../storage/uploadedResponses.ts'
import { recordDecision } from './recordDecision.ts'

/** "A request can be rejected with a reason." Its name is free again; a registration request that was written for it is cancelled. */
export async function rejectLocalAccount(
  context: Context,
  who: Person,
  { localAccountId, reason }: { localAccountId: number; reason: string },
): Promise<void> {
  const because = checkReason(reason)
  await context.storage.transaction(async tx => {
    const account = await lockLocalAccount(tx, localAccountId)
    refuseUnlessCan('reject', account)
    const now = context.clock.now()
    await cancelOutstandingSynchronization(tx, account.id, now, 'The request for the account was rejected.')
    await deleteUploadedResponse(tx, account.id)
    const message = `The request for the Local Account ${account.name} was rejected: ${because}`
    await recordDecision(tx, account, { state: 'rejected', kind: 'account rejected', reason: because, message }, who, now)
  })
}
