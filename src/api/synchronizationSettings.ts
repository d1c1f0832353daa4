import { z } from 'zod'
import type { LocalAccount } from '../rules/accounts.ts'
import { frequencies } from '../rules/schedules.ts'
import type { Db } from '../storage/db.ts'
import { getLocalAccount } from '../storage/localAccounts.ts'
import { findSchedule } from '../storage/synchronizationSchedules.ts'
import { getServerDefaults, getServerSchedule } from '../storage/synchronizationSettings.ts'
import { forgetCloudCredentials } from '../synchronization/forgetCloudCredentials.ts'
import { scheduleSynchronization } from '../synchronization/scheduleSynchronization.ts'
import { withholdFromCloud } from '../synchronization/withholdFromCloud.ts'
import { maybeMoment, maybeWritten, oneOf, whole } from './fields.ts'
import { onAccount, onServer, type Route } from './route.ts'

const flags = { hostname: z.boolean(), ip: z.boolean(), mac: z.boolean() }
const given = {
  schedule: z.object({ frequency: oneOf(...frequencies), hour: whole(0, 23) }),
  privacy: z.object(flags),
}
const shown = {
  schedule: z.object({ frequency: z.enum(frequencies), hour: z.int(), own: z.boolean() }),
  privacy: z.object({ ...flags, own: z.boolean() }),
  nextAt: maybeMoment,
}
const shownOfServer = { schedule: shown.schedule.omit({ own: true }), privacy: z.object(flags) }

async function settingsOf(db: Db, account: LocalAccount): Promise<z.input<z.ZodObject<typeof shown>>> {
  const { own, nextAt } = await findSchedule(db, account.id)
  return {
    schedule: { ...(own ?? (await getServerSchedule(db))), own: own !== null },
    privacy: { ...account.privacy, own: account.privacyIsOwn },
    nextAt: maybeWritten(nextAt),
  }
}

const ofAccount = '/api/v1/accounts/{account}/synchronization-settings'
const ofServer = '/api/v1/synchronization-settings'
const tag = 'Synchronization'

export const synchronizationSettingsRoutes: Route[] = [
  onAccount({
    method: 'get',
    path: ofAccount,
    operation: 'getSynchronizationSettings',
    tag,
    summary: 'Tell when an account synchronizes by itself, and what it withholds from the cloud',
    scope: 'read',
    act: 'see account',
    answer: z.object(shown),
    handle: ({ context, account }) => settingsOf(context.storage.pages, account),
  }),
  onAccount({
    method: 'post',
    path: ofAccount,
    operation: 'setSynchronizationSettings',
    tag,
    summary: 'Decide when an account synchronizes by itself, and what it withholds from the cloud',
    description: "What is left out stays as it is; null is what the server does. The hour is one of UTC; the minute is the account's own.",
    scope: 'accounts',
    act: 'manage account',
    body: z.object({ schedule: given.schedule.nullable().optional(), privacy: given.privacy.nullable().optional() }),
    answer: z.object(shown),
    async handle({ context, caller, account, body: { schedule, privacy } }) {
      const localAccountId = account.id
      if (schedule !== undefined) await scheduleSynchronization(context, caller.who, { localAccountId, schedule })
      if (privacy !== undefined) await withholdFromCloud(context, caller.who, { localAccountId, privacy })
      const { db } = context.storage
      return settingsOf(db, await getLocalAccount(db, localAccountId))
    },
  }),
  onAccount({
    method: 'delete',
    path: '/api/v1/accounts/{account}/cloud-credentials',
    operation: 'forgetCloudCredentials',
    tag,
    summary: 'Forget as whom the cloud lets an account in',
    description: 'The account goes on with the client of the server, where there is one, and otherwise by file.',
    scope: 'system',
    act: 'run server',
    answer: z.object({}),
    async handle({ context, caller, account }) {
      await forgetCloudCredentials(context, caller.who, account.id)
      return { statusMessage: 'The stored credentials of the cloud are forgotten.' }
    },
  }),
  onServer({
    method: 'get',
    path: ofServer,
    operation: 'getServerSynchronizationSettings',
    tag,
    summary: 'Tell what holds for accounts without settings of their own',
    scope: 'system',
    act: 'see server',
    answer: z.object(shownOfServer),
    handle: ({ context }) => getServerDefaults(context.storage.pages),
  }),
]
