import type { Context } from '../../context.ts'
import type { LocalAccount } from '../../rules/accounts.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { checkAccountRequest } from '../../rules/registrations.ts'
import type { Person } from '../../rules/roles.ts'
import { recordEvent } from '../../storage/events.ts'
import { findLocalAccountByName, lockLocalAccount, updateLocalAccount } from '../../storage/localAccounts.ts'

/**
 * Changes what an account is called here and whom its mail goes to. "The link is the Virtual Account's internal id, never its name": a new name
 * changes nothing between the cloud and this server, which tells it as a remark. Refuses a name that another account has.
 */
export async function changeLocalAccount(
  context: Context,
  who: Person,
  { localAccountId, ...wish }: { localAccountId: number; name: string; notificationEmail: string | null },
): Promise<LocalAccount> {
  return context.storage.transaction(async tx => {
    const account = await lockLocalAccount(tx, localAccountId)
    const { name, notificationEmail } = checkAccountRequest({
      ...wish,
      smartAccount: account.smartAccount.name,
      virtualAccount: account.virtualAccount.name,
    })
    refuseUnless(account.state !== 'rejected', 'CONFLICT', 'A rejected request stays as it is.')
    const other = await findLocalAccountByName(tx, name)
    refuseUnless(!other || other.id === account.id, 'CONFLICT', `There is a Local Account ${name} already.`, 'name')
    await updateLocalAccount(tx, account.id, { name, notificationEmail })
    const renamed = name !== account.name
    const message = renamed
      ? `The Local Account ${account.name} is called ${name} from now on.`
      : `The address for mail about ${name} was changed.`
    await recordEvent(tx, { localAccountId, at: context.clock.now(), kind: 'account changed', message, who: who.name })
    return lockLocalAccount(tx, localAccountId)
  })
}
