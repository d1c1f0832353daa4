import type { Context } from '../context.ts'
import { checkDescription, checkPlaceName, type LocalVirtualAccount } from '../rules/accounts.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { getLocalVirtualAccount, updateLocalVirtualAccount } from '../storage/localVirtualAccounts.ts'
import { refuseSameName } from './createLocalVirtualAccount.ts'

/** What it shall be from now on. */
export type LocalVirtualAccountChange = Omit<LocalVirtualAccount, 'isDefault' | 'createdAt'>

/** Changes name, description and access of a Local Virtual Account. Default keeps its name: it is where what was bought arrives. */
export async function changeLocalVirtualAccount(
  context: Context,
  who: Person,
  { localAccountId, id, name, description, isPublic }: LocalVirtualAccountChange,
): Promise<LocalVirtualAccount> {
  const wish = { localAccountId, id, name: checkPlaceName(name), description: checkDescription(description), isPublic }
  return context.storage.transaction(async tx => {
    const before = await getLocalVirtualAccount(tx, localAccountId, id)
    const renamed = before.name !== wish.name
    refuseUnless(!before.isDefault || !renamed, 'CONFLICT', `${before.name} keeps its name: licenses arrive there from the cloud.`, 'name')
    const changed = await updateLocalVirtualAccount(tx, wish).catch(refuseSameName)
    await recordEvent(tx, {
      localAccountId,
      localVirtualAccountId: id,
      at: context.clock.now(),
      kind: 'local virtual account changed',
      message: renamed ? `${before.name} is now called ${changed.name}.` : `Description or access of ${changed.name} was changed.`,
      who: who.name,
    })
    return changed
  })
}
