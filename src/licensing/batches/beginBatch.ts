import type { Context } from '../../context.ts'
import type { InstanceDeed } from '../../rules/instanceBatches.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { type Act, may, type Person, reachOf } from '../../rules/roles.ts'
import { raiseAlert } from '../../storage/alerts.ts'
import { type ChosenInstances, countChosenInstances, insertBatch } from '../../storage/instanceBatches.ts'
import { getLocalVirtualAccount } from '../../storage/localVirtualAccounts.ts'
import { narrowed, type Scope } from '../../storage/pages/scope.ts'
import { batchAlert, part } from './batchAlert.ts'

/** The act that each deed is. */
export const actOfDeed: Record<InstanceDeed, Act> = { transfer: 'transfer licenses', removal: 'remove instances' }

/** What is asked for. `to` is where a transfer goes; `expected`, where it is given, is how many whoever asks was told there are. */
export type BatchWish = { localAccountId: number; deed: InstanceDeed; chosen: ChosenInstances; to: number | null; expected?: number }

/** Where a person may do a deed, narrowed to the place that the choice names. */
export const batchScope = (who: Person, { localAccountId, deed, chosen }: Pick<BatchWish, 'localAccountId' | 'deed' | 'chosen'>): Scope =>
  narrowed({ localAccountId, reach: reachOf(who, actOfDeed[deed], localAccountId) }, 'ids' in chosen ? undefined : chosen.place)

/**
 * Begins to transfer or to remove many product instances: what was ticked, or all that a filter shows. `carryBatch` does it. Refuses a target
 * where the person may not transfer to, a choice that has nothing in it, and one that has other instances in it than were shown.
 */
export async function beginBatch(context: Context, who: Person & { userId: number }, wish: BatchWish): Promise<number> {
  const { localAccountId, deed, chosen, to, expected } = wish
  const scope = batchScope(who, wish)
  return context.storage.transaction(async tx => {
    const at = context.clock.now()
    if (deed === 'transfer') {
      refuseUnless(to !== null, 'INVALID', 'Choose where to transfer to.', 'to')
      refuseUnless(
        may(who, actOfDeed.transfer, { localAccountId, localVirtualAccountId: to }),
        'NOT_ALLOWED',
        'Transferring needs a role in both Local Virtual Accounts.',
      )
      await getLocalVirtualAccount(tx, localAccountId, to)
    }
    const { places } = await countChosenInstances(tx, scope, chosen)
    const found = places.reduce((sum, { instances }) => sum + instances, 0)
    refuseUnless(found > 0, 'NOT_FOUND', 'None of these product instances is there any more.')
    const unlike = 'There are not as many as you were shown any more. Look at them again.'
    refuseUnless(expected === undefined || expected === found, 'CONFLICT', unlike)
    const total = 'ids' in chosen ? chosen.ids.length : found
    const toPlace = deed === 'transfer' ? to : null
    const id = await insertBatch(tx, { localAccountId, deed, toPlace, userId: who.userId, chosen, askedAt: at, total })
    if (total > part) await raiseAlert(tx, { ...batchAlert({ localAccountId, id }), ...whatIsUnderWay(deed, who.name), at })
    return id
  })
}

/** "Long work is a job … it can be left and found again under the bell." */
const whatIsUnderWay = (deed: InstanceDeed, name: string) => ({
  severity: 'info' as const,
  source: name,
  message: `Many product instances are being ${deed === 'transfer' ? 'transferred' : 'removed'}.`,
  action: 'It goes on by itself; see how far it is.',
})
