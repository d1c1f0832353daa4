import { endSession, endSessionsOf } from '../../administration/security/endSessions.ts'
import { later } from '../../rules/clock.ts'
import { listSessionRows } from '../../storage/pages/sessionRows.ts'
import { findSecuritySettings } from '../../storage/securitySettings.ts'
import { paths } from '../paths.ts'
import { orNotice } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { parameter, queried, type Visit } from '../visit.ts'

const view = { page: 'admin/sessions/index.njk', fragment: 'admin/sessions/index.njk' }
/** More are not looked through by anybody; the page of a user has all of theirs. */
const shown = 500

/** Users › Sessions: who is signed in, or where one user is. */
export async function sessionsPage(visit: Visit): Promise<void> {
  const { pages } = visit.context.storage
  const username = queried(visit, 'user')?.slice(0, 64) || null
  const { sessions: limits } = await findSecuritySettings(pages)
  const [since, seenSince] = [later(visit.now, -limits.longest), later(visit.now, -Math.max(limits.idle, limits.operatorIdle))]
  const sessions = await listSessionRows(pages, { username, since, seenSince, limit: shown })
  show(visit, view, { sessions, username, own: visit.session.number })
}

/** An administrator ends one session. */
export const sessionEndSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.sessions, async () => {
    const number = Number(parameter(visit, 'session'))
    await endSession(visit.context, visit.person, Number.isSafeInteger(number) ? number : 0)
    await say(visit, { tone: 'success', words: 'The session was ended.' })
    goTo(visit, paths.admin.sessions)
  })

/** An administrator ends every session of a user. */
export const sessionsEndSubmitted = (visit: Visit): Promise<void> =>
  orNotice(visit, paths.admin.sessions, async () => {
    const username = parameter(visit, 'username')
    await endSessionsOf(visit.context, visit.person, username)
    await say(visit, { tone: 'success', words: `All sessions of ${username} were ended.` })
    goTo(visit, paths.admin.sessions)
  })
