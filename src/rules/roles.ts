/** The six roles of product.md. */
export const roles = [
  'system-administrator',
  'system-operator',
  'smart-account-administrator',
  'smart-account-user',
  'virtual-account-administrator',
  'virtual-account-user',
] as const
export type Role = (typeof roles)[number]

/** A role, and the place it is held in: the server (both undefined), a Local Account, or one Local Virtual Account of it. */
export type RoleAssignment = { role: Role; localAccountId?: number; localVirtualAccountId?: number }

/** Who acts: a person, or a script's client. `assignments` is all that decides. */
export type Person = { kind: 'user' | 'api-client'; name: string; assignments: RoleAssignment[] }

/** Where an act happens. */
export type Place = { localAccountId?: number; localVirtualAccountId?: number }

/** What can be done. Every route has a row in a table that says which of these it is. */
export type Act =
  | 'see server'
  | 'run server'
  | 'configure server'
  | 'see account'
  | 'manage account'
  | 'see licenses'
  | 'answer alerts'
  | 'transfer licenses'
  | 'remove instances'
  | 'manage tokens'

const license: Act[] = ['see account', 'see licenses', 'answer alerts', 'transfer licenses', 'remove instances', 'manage tokens']
const everywhere: Act[] = ['see server', 'run server', ...license, 'manage account']

/** What each role may do, within the place it is held in. */
const granted: Record<Role, readonly Act[]> = {
  'system-administrator': [...everywhere, 'configure server'],
  // "everything, except changing the server's configuration"
  'system-operator': everywhere,
  'smart-account-administrator': [...license, 'manage account'],
  'smart-account-user': license,
  'virtual-account-administrator': license,
  'virtual-account-user': license,
}

/**
 * "Every act is checked in one place": whether a person may do an act in a place. Default deny.
 * A role of one Local Virtual Account reaches the account itself only for `see account` (its frame), and nothing of its neighbours.
 */
export function may(person: Person | undefined, act: Act, place: Place = {}): boolean {
  return (person?.assignments ?? []).some(assignment => granted[assignment.role].includes(act) && reaches(assignment, act, place))
}

function reaches(assignment: RoleAssignment, act: Act, place: Place): boolean {
  if (assignment.role === 'system-administrator' || assignment.role === 'system-operator') return true
  if (assignment.localAccountId === undefined || assignment.localAccountId !== place.localAccountId) return false
  if (assignment.role === 'smart-account-administrator' || assignment.role === 'smart-account-user') return true
  return (
    act === 'see account' ||
    (assignment.localVirtualAccountId !== undefined && assignment.localVirtualAccountId === place.localVirtualAccountId)
  )
}

/**
 * How far an act reaches in an account: all of it, or the Local Virtual Accounts that are named (none, where the person may not do it at
 * all). It is `may` asked of every place at once, for lists that show each person what is theirs.
 */
export function reachOf(person: Person, act: Act, localAccountId: number): 'all' | number[] {
  if (may(person, act, { localAccountId })) return 'all'
  const parts = person.assignments.flatMap(({ localVirtualAccountId: id }) => (id === undefined ? [] : [id]))
  return [...new Set(parts)].filter(localVirtualAccountId => may(person, act, { localAccountId, localVirtualAccountId }))
}
