import { type Group, rolesOfGroups } from '../../rules/groupRoles.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { isEmail } from '../../rules/registrations.ts'
import { checkDisplayName, checkUsername, type User } from '../../rules/users.ts'
import type { Db } from '../../storage/db.ts'
import { recordEvent } from '../../storage/events.ts'
import { listGroupRoles } from '../../storage/groupRoles.ts'
import { deleteRolesOf, listRolesOf, putGroupRoles } from '../../storage/roleAssignments.ts'
import { deleteSessionsOf } from '../../storage/sessions.ts'
import { findCredentials, findUserFrom, insertVouchedUser, updateUser, type VouchedUser } from '../../storage/users.ts'

/** Somebody for whom a directory or a provider vouches, as it calls them. */
export type Vouched = {
  origin: VouchedUser['origin']
  externalId: string
  username: string
  displayName: string
  email: string
  groups: Group[]
}

/**
 * The user that somebody from elsewhere is here, made at the first sign-in, with the roles that their groups give at this moment; the row is kept
 * until the transaction ends. Refuses a name that a local user has ("local authentication is always there and is asked first") and, where no
 * group gives a role and nobody else did, everybody: "a role is needed before anything can be seen".
 */
export async function admitPerson(tx: Db, vouched: Vouched, now: Date): Promise<User> {
  const assignments = rolesOfGroups(vouched.groups, await listGroupRoles(tx, vouched.origin))
  const known = await findKnown(tx, vouched, now)
  refuseUnless(known || assignments.length > 0, 'NOT_SIGNED_IN', withoutRole)
  const user = known ?? (await addPerson(tx, vouched, now))
  const changed = await putGroupRoles(tx, user.id, assignments)
  // "New id at sign-in and at any change of rights."
  if (changed) await deleteSessionsOf(tx, user.id)
  if (changed && known) await tell(tx, `The roles of ${user.username} changed with their groups.`, now)
  refuseUnless((await listRolesOf(tx, user.id)).length > 0, 'NOT_SIGNED_IN', withoutRole)
  const { displayName, email } = wordsOf(vouched)
  await updateUser(tx, user.id, { displayName, email, confirmedAt: now })
  return { ...user, displayName, email, confirmedAt: now }
}

const withoutRole = 'You are known, but no role is given to you or to a group of yours. Ask an administrator for one.'

async function findKnown(tx: Db, vouched: Vouched, now: Date): Promise<User | undefined> {
  const { origin, externalId } = vouched
  const same = await findUserFrom(tx, origin, externalId)
  const named = (await findCredentials(tx, vouched.username, true))?.user
  if (same && (!named || named.id === same.id)) return rename(tx, same, vouched.username)
  if (!named) return undefined
  const taken = `There is another user ${named.username} here, who signs in otherwise. Ask an administrator.`
  refuseUnless(!same && named.origin === origin, 'NOT_SIGNED_IN', taken)
  // Somebody new has the name of somebody before: they get nothing of what that person was given.
  await deleteRolesOf(tx, named.id)
  await deleteSessionsOf(tx, named.id)
  await updateUser(tx, named.id, { externalId })
  await tell(tx, `${named.username} is somebody else than before, and was given none of the roles that a person had given.`, now)
  return { ...named, externalId }
}

async function rename(tx: Db, user: User, name: string): Promise<User> {
  if (user.username === name) return user
  const username = checkUsername(name)
  await updateUser(tx, user.id, { username })
  return { ...user, username }
}

async function addPerson(tx: Db, vouched: Vouched, now: Date): Promise<User> {
  const { origin, externalId } = vouched
  const user = await insertVouchedUser(tx, { origin, externalId, username: checkUsername(vouched.username), ...wordsOf(vouched) }, now)
  refuseUnless(user, 'CONFLICT', 'Somebody of this name is being added at this moment. Try again.', 'username')
  await tell(
    tx,
    `User ${user.username} was added at the first sign-in, from ${origin === 'directory' ? 'the directory' : 'the identity provider'}.`,
    now,
  )
  return user
}

/** What is shown of somebody, as far as it can be: a directory is not made to our rules. */
const wordsOf = ({ displayName, email }: Vouched) => ({
  displayName: checkDisplayName(displayName.slice(0, 120)),
  email: isEmail(email) ? email : null,
})

const tell = (tx: Db, message: string, at: Date) =>
  recordEvent(tx, { localAccountId: 0, at, kind: 'user changed', message, who: 'the server' })
