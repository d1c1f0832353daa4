import { Refusal, refuseUnless } from '../../rules/refusal.ts'
import type { RoleAssignment } from '../../rules/roles.ts'
import { findLocalAccountByNameOrUuid, listLocalAccounts } from '../../storage/localAccounts.ts'
import { listLocalVirtualAccounts } from '../../storage/localVirtualAccounts.ts'
import type { Visit } from '../visit.ts'

/** The accounts that a form offers for a role. */
export const placesModel = async (visit: Visit) => ({ accounts: (await listLocalAccounts(visit.context.storage.pages)).slice(0, 200) })

/** A role in the place that the form names. Refuses a place that is missing or not there. */
export async function placed(visit: Visit, role: RoleAssignment['role'], accountName: string, partName: string): Promise<RoleAssignment> {
  if (role.startsWith('system-')) return { role }
  const { pages } = visit.context.storage
  refuseUnless(accountName, 'INVALID', 'Name the Local Account that this role is for.', 'account')
  const account = await findLocalAccountByNameOrUuid(pages, accountName)
  refuseUnless(account, 'INVALID', 'There is no Local Account of this name.', 'account')
  if (role.startsWith('smart-account-')) return { role, localAccountId: account.id }
  refuseUnless(partName, 'INVALID', 'Name the Local Virtual Account that this role is for.', 'localVirtualAccount')
  const part = (await listLocalVirtualAccounts(pages, account.id)).find(({ name }) => name.toLowerCase() === partName.toLowerCase())
  if (!part) throw new Refusal('INVALID', `${account.name} has no Local Virtual Account of this name.`, 'localVirtualAccount')
  return { role, localAccountId: account.id, localVirtualAccountId: part.id }
}
