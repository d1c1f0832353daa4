import type { Context } from '../../context.ts'
import { checkReason, type Obstacle, obstaclesOf, refuseUnlessCan, refuseUnlessNamed } from '../../rules/accountLife.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { findRemains } from '../../storage/accountRemains.ts'
import { lockLocalAccount } from '../../storage/localAccounts.ts'
import { cancelOutstandingSynchronization } from '../../storage/synchronizations.ts'
import { deleteUploadedResponse } from '../../storage/uploadedResponses.ts'
import { recordDecision } from './recordDecision.ts'

/** What each obstacle is, in a sentence, for whoever did not look first. */
const sentences: Record<Obstacle, string> = {
  'product instances': 'Product instances are still registered in this account.',
  'not synchronized': 'The cloud still counts product instances of this account: synchronize it once more.',
  'exchange under way': 'An exchange with the cloud is under way.',
}

/**
 * Deactivates an account: its products are answered ACCOUNT_EXPIRED from the next message on, its tokens let nobody in, and it is synchronized no
 * more. What is left of it stays to be looked at until it is deleted. Refuses, with what still stands in the way, unless that is accepted by
 * `despite`; `confirmation` is the account's name, typed.
 */
export async function deactivateLocalAccount(
  context: Context,
  who: Person,
  wish: { localAccountId: number; reason: string; confirmation: string; despite: boolean },
): Promise<void> {
  const reason = checkReason(wish.reason)
  await context.storage.transaction(async tx => {
    const account = await lockLocalAccount(tx, wish.localAccountId)
    refuseUnlessCan('deactivate', account)
    refuseUnlessNamed(account, wish.confirmation)
    const [first] = obstaclesOf(await findRemains(tx, account.id))
    refuseUnless(wish.despite || !first, 'CONFLICT', sentences[first!], 'despite')
    const now = context.clock.now()
    await cancelOutstandingSynchronization(tx, account.id, now, 'The account was deactivated.')
    await deleteUploadedResponse(tx, account.id)
    const message = `The Local Account ${account.name} was deactivated: ${reason}`
    await recordDecision(tx, account, { state: 'inactive', kind: 'account deactivated', reason, message }, who, now)
  })
  context.authority.forget(wish.localAccountId)
}
