import type { LocalAccount, LocalAccountState } from './accounts.ts'
import { refuseUnless } from './refusal.ts'

/** What can be done to a Local Account as a whole. */
export type AccountDeed = 'approve' | 'reject' | 'register' | 'synchronize' | 'deactivate' | 'delete'

/** In which states each can be done, and what is said in the others. */
const deeds: Record<AccountDeed, { from: LocalAccountState[]; otherwise: string }> = {
  approve: { from: ['requested'], otherwise: 'Only a request that waits can be approved.' },
  reject: { from: ['requested', 'approved'], otherwise: 'Only a request that has not been registered yet can be rejected.' },
  register: { from: ['requested', 'approved'], otherwise: 'Only a request that has not been registered yet can be registered.' },
  synchronize: { from: ['registered'], otherwise: 'This Local Account is not registered with the cloud.' },
  deactivate: { from: ['registered'], otherwise: 'Only a registered Local Account can be deactivated.' },
  // What is registered is deactivated first: its products and its requester are told that way.
  delete: {
    from: ['requested', 'rejected', 'approved', 'inactive'],
    otherwise: 'A registered Local Account is deactivated before it is deleted.',
  },
}

/** Whether something can be done to an account as it is. */
export const canBe = (deed: AccountDeed, { state }: Pick<LocalAccount, 'state'>): boolean => deeds[deed].from.includes(state)

/** Refuses what cannot be done to an account as it is. */
export const refuseUnlessCan = (deed: AccountDeed, account: Pick<LocalAccount, 'state'>): void =>
  refuseUnless(canBe(deed, account), 'CONFLICT', deeds[deed].otherwise)

/** Why a request is rejected or an account deactivated: the requester reads it. Gives it trimmed. */
export function checkReason(reason: string): string {
  const words = reason.trim()
  refuseUnless(words.length > 0, 'INVALID', 'Say why: whoever asked for the account reads it.', 'reason')
  refuseUnless(words.length <= 1000, 'INVALID', 'Keep the reason within 1,000 characters.', 'reason')
  return words
}

/** What was typed to confirm something that cannot be undone. */
export const refuseUnlessNamed = ({ name }: Pick<LocalAccount, 'name'>, typed: string): void =>
  refuseUnless(typed.trim() === name, 'INVALID', `Type the name of the account, ${name}, to confirm.`, 'confirmation')

/** What the cloud still counts is counted no further than this: that there are many is all that anybody needs to know. */
export const mostCounted = 10_000

/** What is left of a registered account that is to be deactivated. */
export type Remains = {
  /** Product instances here. */
  instances: number
  /** Product instances that the cloud was told of and still counts; `mostCounted` stands for so many or more. */
  reported: number
  /** Whether an exchange is under way, and by whom it is carried. */
  underWay: 'network' | 'manual' | null
}

/** "what still stands in the way (product instances left, not synchronized) is listed" */
export type Obstacle = 'product instances' | 'not synchronized' | 'exchange under way'

/** What stands in the way of a deactivation. Whoever knows what they do may go on all the same. */
export const obstaclesOf = ({ instances, reported, underWay }: Remains): Obstacle[] => [
  ...(instances > 0 ? (['product instances'] as const) : []),
  ...(reported > 0 ? (['not synchronized'] as const) : []),
  ...(underWay ? (['exchange under way'] as const) : []),
]
