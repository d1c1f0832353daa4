import type { Context } from '../../context.ts'
import { refuseUnlessCan } from '../../rules/accountLife.ts'
import type { LocalAccount } from '../../rules/accounts.ts'
import type { Person } from '../../rules/roles.ts'
import { lockLocalAccount } from '../../storage/localAccounts.ts'
import { recordDecision } from './recordDecision.ts'

/** Approves a request. It still has to be registered: by network, or by a courier's file. */
export const approveLocalAccount = (context: Context, who: Person, localAccountId: number): Promise<LocalAccount> =>
  context.storage.transaction(async tx => {
    const account = await lockLocalAccount(tx, localAccountId)
    refuseUnlessCan('approve', account)
    const message = `The request for the Local Account ${account.name} was approved.`
    await recordDecision(tx, account, { state: 'approved', kind: 'account approved', reason: null, message }, who, context.clock.now())
    return lockLocalAccount(tx, localAccountId)
  })
