import type { Context } from '../../context.ts'
import { refuseUnlessCan, refuseUnlessNamed } from '../../rules/accountLife.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import type { Person } from '../../rules/roles.ts'
import { deleteLocalAccountRows, findRemains } from '../../storage/accountRemains.ts'
import { clearAlert } from '../../storage/alerts.ts'
import { recordEvent } from '../../storage/events.ts'
import { lockLocalAccount } from '../../storage/localAccounts.ts'
import { accountRequestAlert } from '../../storage/requestAlerts.ts'

/**
 * Deletes an account that is not registered, with its product instances, tokens, licenses, roles, API clients, exchanges and keys. Its events
 * stay in the log. The registration in the cloud is not ours to remove: it is removed there. Refuses a registered one, which is deactivated first.
 */
export async function deleteLocalAccount(
  context: Context,
  who: Person,
  { localAccountId, confirmation }: { localAccountId: number; confirmation: string },
): Promise<void> {
  await context.storage.transaction(async tx => {
    const account = await lockLocalAccount(tx, localAccountId)
    refuseUnlessCan('delete', account)
    refuseUnlessNamed(account, confirmation)
    const { underWay } = await findRemains(tx, account.id)
    refuseUnless(underWay !== 'network', 'CONFLICT', 'A registration by network is under way. It ends within minutes: try again then.')
    await deleteLocalAccountRows(tx, account.id)
    await clearAlert(tx, accountRequestAlert(account), context.clock.now())
    const message = `The Local Account ${account.name} (${account.uuid}) was deleted with everything in it.`
    await recordEvent(tx, { localAccountId: 0, at: context.clock.now(), kind: 'account deleted', message, who: who.name })
  })
  context.authority.forget(localAccountId)
}
