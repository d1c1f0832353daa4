import { filterFor } from '../rules/directory.ts'
import { type AccountStanding, accountStanding, markAttributes } from '../rules/directoryAccount.ts'
import type { Group } from '../rules/groupRoles.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { atDirectory, bindAccount, type Directory } from './failover.ts'
import { DirectoryFault, type Witness } from './fault.ts'
import { having, inChain, readFilter, type Session, valuesOf } from './ldap.ts'

/** Somebody in the directory. `externalId` stays theirs whatever they are called and wherever they are moved. */
export type DirectoryPerson = {
  dn: string
  externalId: string
  username: string
  displayName: string
  email: string
  standing: AccountStanding
}

/** What the directory says of somebody who signs in: it knows them and their groups, or why it does not let them in, for administrators. */
export type Recognition = { person: DirectoryPerson; groups: Group[] } | Unrecognised

/** `username` is whom the directory took the typed name for, where it knows somebody. */
export type Unrecognised = { reason: string; username?: string }

/** An attribute that never changes, by directory: Active Directory, OpenLDAP and others of RFC 4530, FreeIPA, 389 DS. */
const lastingAttributes = ['objectGUID', 'entryUUID', 'ipaUniqueID', 'nsUniqueId']

/** Groups in groups are followed so many levels down, and so many groups in all: a directory that goes in circles ends too. */
const mostLevels = 12
const mostGroups = 20_000
/** So many names are asked about in one question. */
const namesAtOnce = 100

/**
 * Asks whether `password` is that of the person called `username`, and for their groups. Refuses an empty password before anything is asked.
 * Fails with a DirectoryFault where no server gives an answer.
 */
export const recognise = (
  directory: Directory,
  username: string,
  password: string,
  now: Date,
  witness: Witness = () => {},
): Promise<Recognition> => {
  refuseUnless(password !== '', 'NOT_SIGNED_IN', 'Give a password.', 'password')
  return atDirectory(
    directory,
    async session => {
      const found = await findInGoodStanding(session, directory, username, now, witness)
      if ('reason' in found) return found
      const reason = await refusedPassword(session, found.dn, password)
      if (reason !== undefined) return { reason, username: found.username }
      witness('password', 'The password is right.')
      // Who signed in may see less of the groups than the bind account does.
      if (directory.settings.bindName !== null) await bindAccount(session, directory)
      return withGroups(session, directory, found, witness)
    },
    witness,
  )
}

/** Asks for somebody and their groups without a password: whether what they signed in with still holds. */
export const lookUp = (directory: Directory, username: string, now: Date, witness: Witness = () => {}): Promise<Recognition> =>
  atDirectory(
    directory,
    async session => {
      const found = await findInGoodStanding(session, directory, username, now, witness)
      return 'reason' in found ? found : withGroups(session, directory, found, witness)
    },
    witness,
  )

async function withGroups(session: Session, directory: Directory, person: DirectoryPerson, witness: Witness): Promise<Recognition> {
  const groups = await groupsOf(session, directory, person)
  const names = groups.slice(0, 10).map(({ name }) => name)
  const more = groups.length > names.length ? ` and ${groups.length - names.length} more` : ''
  witness('groups', groups.length === 0 ? `${person.username} is in no group.` : `${person.username} is in ${names.join(', ')}${more}.`)
  return { person, groups }
}

async function findInGoodStanding(
  session: Session,
  directory: Directory,
  username: string,
  now: Date,
  witness: Witness,
): Promise<DirectoryPerson | Unrecognised> {
  const person = await findPerson(session, directory, username, now)
  if (person === 'none') return { reason: `the directory has nobody called ${username}` }
  if (person === 'several') return { reason: `the directory has more than one person called ${username}: narrow the filter of people` }
  witness('search', `${username} is ${person.dn}.`)
  return person.standing === 'good'
    ? person
    : { reason: person.standing === 'expired' ? 'the account has expired' : 'the account is disabled' }
}

async function findPerson(
  session: Session,
  { settings }: Directory,
  username: string,
  now: Date,
): Promise<DirectoryPerson | 'none' | 'several'> {
  const { usernameAttribute, nameAttribute, emailAttribute } = settings
  const entries = await session.search('search', {
    base: settings.userBase,
    filter: readFilter(filterFor(settings.userFilter, username), 'userFilter'),
    attributes: [...new Set([usernameAttribute, nameAttribute, emailAttribute, ...markAttributes, ...lastingAttributes])],
    most: 2,
  })
  if (entries.length !== 1 || !entries[0]!.dn) return entries.length > 1 ? 'several' : 'none'
  const entry = entries[0]!
  const first = (attribute: string) => valuesOf(entry, attribute)[0]
  return {
    dn: entry.dn,
    externalId: lastingAttributes.map(first).find(Boolean) ?? entry.dn.toLowerCase(),
    username: first(usernameAttribute) ?? '',
    displayName: first(nameAttribute) ?? '',
    email: first(emailAttribute) ?? '',
    standing: accountStanding(Object.fromEntries(markAttributes.map(name => [name.toLowerCase(), valuesOf(entry, name)])), now),
  }
}

/** Why the directory does not take the password; undefined where it does. A server that cannot say fails as ever. */
async function refusedPassword(session: Session, dn: string, password: string): Promise<string | undefined> {
  try {
    await session.bind('password', dn, password)
    return undefined
  } catch (error) {
    if (error instanceof DirectoryFault && !error.isOutage) return error.message
    throw error
  }
}

/** The groups that somebody is in: straight, and by other groups as it is set. */
async function groupsOf(session: Session, { settings }: Directory, person: DirectoryPerson): Promise<Group[]> {
  const { groupBase: base, memberAttribute, nesting } = settings
  const filter = readFilter(settings.groupFilter, 'groupFilter')
  const search = async (narrowed: ReturnType<typeof having>) =>
    (await session.search('groups', { base, filter: narrowed, attributes: ['cn'] })).map(entry => ({
      name: valuesOf(entry, 'cn')[0] ?? entry.dn,
      dn: entry.dn,
    }))
  if (nesting === 'in-chain') return search(inChain(filter, memberAttribute, person.dn))
  const byName = memberAttribute.toLowerCase() === 'memberuid'
  const all = new Map<string, Group>()
  let level = [byName ? person.username : person.dn]
  for (let depth = 0; level.length > 0 && depth < mostLevels && all.size < mostGroups; depth++) {
    const found: Group[] = []
    for (let i = 0; i < level.length; i += namesAtOnce)
      found.push(...(await search(having(filter, memberAttribute, level.slice(i, i + namesAtOnce)))))
    const fresh = found.filter(({ dn }) => dn && !all.has(dn.toLowerCase()))
    for (const group of fresh) all.set(group.dn!.toLowerCase(), group)
    level = nesting === 'recursive' && !byName ? [...new Set(fresh.map(({ dn }) => dn!))] : []
  }
  return [...all.values()]
}
