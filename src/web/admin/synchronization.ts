import { accountStanding } from '../../rules/accounts.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { frequencies } from '../../rules/schedules.ts'
import { synchronizationAdvisedAt } from '../../rules/synchronization.ts'
import { listSynchronizingAccounts } from '../../storage/pages/adminSynchronization.ts'
import { findSchedule } from '../../storage/synchronizationSchedules.ts'
import { getServerDefaults, getServerSchedule } from '../../storage/synchronizationSettings.ts'
import { findOutstandingSynchronization } from '../../storage/synchronizations.ts'
import { scheduleSynchronization, scheduleSynchronizations } from '../../synchronization/scheduleSynchronization.ts'
import { synchronizeLocalAccount } from '../../synchronization/synchronizeLocalAccount.ts'
import { withholdByDefault, withholdFromCloud } from '../../synchronization/withholdFromCloud.ts'
import { inAWhile } from '../inAWhile.ts'
import { paths } from '../paths.ts'
import { orForm, orNotice } from '../refusals.ts'
import { goTo, say, show } from '../render.ts'
import { type AccountVisit, field, queried, type Visit } from '../visit.ts'

const types = ['standard', 'full'] as const
const listView = { page: 'admin/synchronization/index.njk', fragment: 'admin/synchronization/_table.njk' }
const rows = 50

/** Every registered account: when it was synchronized, when it will be, what it withholds, and the ways to do it now. */
export async function synchronizationPage(visit: Visit): Promise<void> {
  const { pages } = visit.context.storage
  const search = (queried(visit, 'search') ?? '').trim().slice(0, 100)
  const after = (queried(visit, 'after') ?? '').slice(0, 200)
  const [found, server] = await Promise.all([
    listSynchronizingAccounts(pages, { search, after, limit: rows + 1 }),
    getServerSchedule(pages),
  ])
  const accounts = found.slice(0, rows).map(account => ({
    ...account,
    standing: accountStanding(account, visit.now),
    advisedAt: account.lastSynchronizedAt && synchronizationAdvisedAt(account.lastSynchronizedAt),
  }))
  show(visit, listView, { search, after, accounts, server, next: found.length > rows ? accounts.at(-1)?.name : undefined })
}

/**
 * A synchronization by network. The account's page shows how far it is and what came of it. A courier's request would be cancelled by it: whoever
 * asks says that they know.
 */
export const synchronizationSubmitted = (visit: AccountVisit): Promise<void> => {
  const back = field(visit, 'back') === 'deactivation' ? paths.admin.deactivation : paths.admin.account
  return orNotice(visit, back(visit.account.uuid), async () => {
    const type = types.find(one => one === field(visit, 'type'))
    refuseUnless(type, 'INVALID', 'Choose a standard or a full synchronization.', 'type')
    refuseUnless(visit.account.state === 'registered', 'CONFLICT', 'Only a registered account can be synchronized.')
    const underWay = await findOutstandingSynchronization(visit.context.storage.db, visit.account.id)
    refuseUnless(
      underWay?.carrier !== 'manual' || field(visit, 'replaces') === String(underWay.id),
      'CONFLICT',
      'A request is with a courier, and a synchronization by network would cancel it. Give it up first, or upload its response.',
    )
    const done = await inAWhile(visit, synchronizeLocalAccount(visit.context, visit.person, visit.account.id, type))
    if (done) await say(visit, { tone: 'success', words: `${visit.account.name} was synchronized with the cloud.` })
    goTo(visit, back(visit.account.uuid))
  })
}

const settingsView = { page: 'admin/synchronization/settings.njk', fragment: 'admin/synchronization/_settings.njk' }
const defaultsView = { page: 'admin/synchronization/schedules.njk', fragment: 'admin/synchronization/schedules.njk' }

/** A schedule and what is withheld, as a form has them; undefined where they shall be the server's. */
function readSettings(visit: Visit) {
  const frequency = frequencies.find(one => one === field(visit, 'frequency'))
  const hour = Number(field(visit, 'hour') || '2')
  const privacy = {
    hostname: field(visit, 'hostname') === 'on',
    ip: field(visit, 'ip') === 'on',
    mac: field(visit, 'mac') === 'on',
  }
  return { schedule: frequency && { frequency, hour }, privacy }
}

async function settingsModel({ context, account }: AccountVisit) {
  const { pages } = context.storage
  const [schedule, server] = await Promise.all([findSchedule(pages, account.id), getServerDefaults(pages)])
  return { schedule, server: server.schedule, serverPrivacy: server.privacy }
}

/** When one account synchronizes by itself, and what it withholds. */
export const accountSettingsPage = async (visit: AccountVisit): Promise<void> => show(visit, settingsView, await settingsModel(visit))

export const accountSettingsSubmitted = (visit: AccountVisit): Promise<void> =>
  orForm(
    visit,
    settingsView,
    () => settingsModel(visit),
    async () => {
      const { schedule, privacy } = readSettings(visit)
      const localAccountId = visit.account.id
      const own = field(visit, 'privacy') === 'own'
      await scheduleSynchronization(visit.context, visit.person, { localAccountId, schedule: schedule ?? null })
      await withholdFromCloud(visit.context, visit.person, { localAccountId, privacy: own ? privacy : null })
      await say(visit, { tone: 'success', words: `The settings of ${visit.account.name} are kept.` })
      goTo(visit, paths.admin.account(visit.account.uuid))
    },
  )

async function defaultsModel({ context }: Visit) {
  const { schedule, privacy } = await getServerDefaults(context.storage.pages)
  return { server: schedule, privacy }
}

/** When accounts synchronize, and what they withhold, for which nobody has decided otherwise. */
export const defaultsPage = async (visit: Visit): Promise<void> => show(visit, defaultsView, await defaultsModel(visit))

export const defaultsSubmitted = (visit: Visit): Promise<void> =>
  orForm(
    visit,
    defaultsView,
    () => defaultsModel(visit),
    async () => {
      const { schedule, privacy } = readSettings(visit)
      refuseUnless(schedule, 'INVALID', 'Choose how often.', 'frequency')
      await scheduleSynchronizations(visit.context, visit.person, schedule)
      await withholdByDefault(visit.context, visit.person, privacy)
      await say(visit, { tone: 'success', words: 'The settings for all accounts are kept.' })
      goTo(visit, paths.admin.synchronizationDefaults)
    },
  )
