import type { Context } from '../context.ts'
import { checkDescription, checkPlaceName, type LocalVirtualAccount } from '../rules/accounts.ts'
import { Refusal } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { recordEvent } from '../storage/events.ts'
import { insertLocalVirtualAccount } from '../storage/localVirtualAccounts.ts'

/** What the new one shall be. `isPublic`: whoever works in the account may use it, without a role of its own. */
export type LocalVirtualAccountWish = { localAccountId: number; name: string; description: string; isPublic: boolean }

/** Creates a Local Virtual Account, which holds nothing yet. Refuses a name that does not fit or that the account has already. */
export async function createLocalVirtualAccount(
  context: Context,
  who: Person,
  { localAccountId, name, description, isPublic }: LocalVirtualAccountWish,
): Promise<LocalVirtualAccount> {
  const at = context.clock.now()
  const place = { localAccountId, name: checkPlaceName(name), description: checkDescription(description), isPublic, createdAt: at }
  return context.storage.transaction(async tx => {
    const created = await insertLocalVirtualAccount(tx, place).catch(refuseSameName)
    await recordEvent(tx, {
      localAccountId,
      localVirtualAccountId: created.id,
      at,
      kind: 'local virtual account created',
      message: `The Local Virtual Account ${created.name} was created.`,
      who: who.name,
    })
    return created
  })
}

/** The database says so by its rule of one name an account. */
export function refuseSameName(error: unknown): never {
  if ((error as { code?: string }).code !== '23505') throw error
  throw new Refusal('CONFLICT', 'The account has a Local Virtual Account of this name already.', 'name')
}
