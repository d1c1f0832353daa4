import { z } from 'zod'
import { readDirectory } from '../../administration/directory/readDirectory.ts'
import { setDirectory } from '../../administration/directory/setDirectory.ts'
import { tryPerson, tryServers } from '../../directory/tryOut.ts'
import { directorySecurities, nestings, readServers, serverName } from '../../rules/directory.ts'
import { rolesOfGroups } from '../../rules/groupRoles.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { findDirectory } from '../../storage/directorySettings.ts'
import { listGroupRoles } from '../../storage/groupRoles.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice, readForm } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { field, queried, type Visit } from '../visit.ts'

const view = { page: 'admin/access/directory.njk', fragment: 'admin/access/directory.njk' }
const removalView = { page: 'admin/access/directoryRemoval.njk', fragment: 'admin/access/_directoryRemoval.njk' }

/** What a directory mostly looks like, for whoever begins; the choice stands in the address of the page. */
const beginnings = {
  'active-directory': {
    security: 'ldaps',
    userFilter: '(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={username})(userPrincipalName={username})))',
    usernameAttribute: 'sAMAccountName',
    nameAttribute: 'displayName',
    emailAttribute: 'mail',
    groupFilter: '(objectClass=group)',
    memberAttribute: 'member',
    nesting: 'in-chain',
  },
  openldap: {
    security: 'ldaps',
    userFilter: '(&(objectClass=inetOrgPerson)(uid={username}))',
    usernameAttribute: 'uid',
    nameAttribute: 'cn',
    emailAttribute: 'mail',
    groupFilter: '(objectClass=groupOfNames)',
    memberAttribute: 'member',
    nesting: 'recursive',
  },
} as const

async function model(visit: Visit) {
  const stored = await findDirectory(visit.context.storage.db)
  const { servers, ...settings } = stored?.settings ?? {}
  const wished = queried(visit, 'for')
  const beginning = beginnings[wished === 'openldap' ? 'openldap' : 'active-directory']
  const given = stored ? { ...settings, servers: servers!.map(serverName).join('\n') } : beginning
  return {
    stored: stored !== undefined,
    hasPassword: stored?.sealedPassword != null,
    directory: given,
    beginning: wished ?? 'active-directory',
  }
}

/** Access management › LDAP / Active Directory: how the directory is asked, and trials of it. */
export const directoryPage = async (visit: Visit): Promise<void> => show(visit, view, await model(visit))

const text = (most: number) => z.string().trim().max(most, `Keep it within ${most} characters.`).default('')
const form = z.object({
  servers: text(3000),
  security: z.enum(directorySecurities, 'Choose LDAPS, StartTLS or none.'),
  bindName: text(1000),
  password: z.string().max(1000, 'Keep the password within 1,000 characters.').default(''),
  userBase: text(1000),
  userFilter: text(2000),
  usernameAttribute: text(64),
  nameAttribute: text(64),
  emailAttribute: text(64),
  groupBase: text(1000),
  groupFilter: text(2000),
  memberAttribute: text(64),
  nesting: z.enum(nestings, 'Choose how groups in groups are found.'),
})

/** A directory, which counts from the next sign-in on. An empty password keeps the present one. */
export const directorySubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const { servers, password, bindName, ...rest } = readForm(visit, form)
      const settings = { ...rest, servers: readServers(servers, rest.security), bindName: bindName || null }
      await setDirectory(visit.context, visit.person, { settings, password })
      await say(visit, { tone: 'success', words: 'The directory is set. Test the connection, then a user.' })
      goTo(visit, paths.admin.directory)
    },
  )

/** "*Test connection*": each server, step by step, on the same page. It changes nothing. */
export async function directoryTestSubmitted(visit: Visit): Promise<void> {
  show(visit, view, { ...(await model(visit)), trials: await tryServers(await getDirectory(visit)) })
}

/** "*Test a user*": everything that a sign-in does, and the roles that would come of it. It changes nothing. */
export const personTestSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    view,
    () => model(visit),
    async () => {
      const username = field(visit, 'testUsername').trim()
      refuseUnless(username !== '' && username.length <= 256, 'INVALID', 'Name somebody of the directory.', 'testUsername')
      const { steps, recognition } = await tryPerson(await getDirectory(visit), username, field(visit, 'testPassword'), visit.now)
      const known = recognition && 'person' in recognition ? recognition : undefined
      const rules = await listGroupRoles(visit.context.storage.db, 'directory')
      const roles = rolesOfGroups(known?.groups ?? [], rules).map(({ role }) => role)
      show(visit, view, { ...(await model(visit)), personTrial: { username, steps, known, roles }, values: { testUsername: username } })
    },
  )

async function getDirectory(visit: Visit) {
  const directory = await readDirectory(visit.context)
  refuseUnless(directory, 'CONFLICT', 'No directory is set yet. Fill in the form and save it first.')
  return directory
}

/** What going without a directory does, and the question whether to. */
export const directoryRemovalPage = (visit: Visit): void => show(visit, removalView, {})

/** Nobody is looked up in a directory any more. */
export const directoryRemovalSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.directory, async () => {
    await setDirectory(visit.context, visit.person, null)
    await say(visit, { tone: 'success', words: 'Only local users can sign in now, and nobody of the directory is signed in any more.' })
    goTo(visit, paths.admin.directory)
  })
