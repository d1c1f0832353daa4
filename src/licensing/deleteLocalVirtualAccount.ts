import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { counted, listed } from '../rules/words.ts'
import { recordEvent } from '../storage/events.ts'
import { lockLocalAccount } from '../storage/localAccounts.ts'
import {
  deleteLocalVirtualAccount as deletePlace,
  findDefaultLocalVirtualAccount,
  findPlaceRemains,
  getLocalVirtualAccount,
  lockForDeletion,
} from '../storage/localVirtualAccounts.ts'

/**
 * Deletes a Local Virtual Account "when empty": without product instances and without licenses in force; what is to come arrives in Default. Its tokens
 * let nobody in any more, and roles that people held in it go with it. Refuses Default, where licenses arrive, and says what still stands in the way.
 */
export async function deleteLocalVirtualAccount(
  context: Context,
  who: Person,
  { localAccountId, id }: { localAccountId: number; id: number },
): Promise<void> {
  const now = context.clock.now()
  await context.storage.transaction(async tx => {
    await lockLocalAccount(tx, localAccountId)
    await lockForDeletion(tx, localAccountId, id)
    const place = await getLocalVirtualAccount(tx, localAccountId, id)
    refuseUnless(!place.isDefault, 'CONFLICT', `${place.name} cannot be deleted: licenses arrive there from the cloud.`)
    const { instances, licenses } = await findPlaceRemains(tx, localAccountId, id, now)
    const left = [
      ...(instances > 0 ? [counted(instances, 'product instance', 'product instances')] : []),
      ...(licenses > 0 ? [counted(licenses, 'license', 'licenses')] : []),
    ]
    refuseUnless(
      left.length === 0,
      'CONFLICT',
      `${place.name} still holds ${listed(left)}. Transfer them to another Local Virtual Account first.`,
    )
    await deletePlace(tx, localAccountId, id, (await findDefaultLocalVirtualAccount(tx, localAccountId))!.id)
    await recordEvent(tx, {
      localAccountId,
      at: now,
      kind: 'local virtual account deleted',
      message: `The Local Virtual Account ${place.name} was deleted.`,
      who: who.name,
    })
  })
}
