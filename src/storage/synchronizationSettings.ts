import type { Privacy } from '../rules/accounts.ts'
import { noSchedule, type SynchronizationSchedule } from '../rules/schedules.ts'
import type { Db } from './db.ts'
import { findSetting, listSettings, putSetting, type StoredSetting } from './settings.ts'

type By = { at: Date; who: string }
const noPrivacy: Privacy = { hostname: false, ip: false, mac: false }
const names = { schedule: 'synchronization schedule', privacy: 'privacy' }

const scheduleFrom = (setting: StoredSetting | undefined) => (setting?.value as SynchronizationSchedule | undefined) ?? noSchedule
const privacyFrom = (setting: StoredSetting | undefined) => (setting?.value as Privacy | undefined) ?? noPrivacy

/** When accounts synchronize, and what they withhold, for which nobody has decided otherwise. One query. */
export async function getServerDefaults(db: Db): Promise<{ schedule: SynchronizationSchedule; privacy: Privacy }> {
  const settings = await listSettings(db, Object.values(names))
  return { schedule: scheduleFrom(settings.get(names.schedule)), privacy: privacyFrom(settings.get(names.privacy)) }
}

/** When accounts synchronize for which nobody has decided otherwise. */
export const getServerSchedule = async (db: Db): Promise<SynchronizationSchedule> => scheduleFrom(await findSetting(db, names.schedule))

/** Puts the server's schedule in the place of what it was. */
export const putServerSchedule = (db: Db, schedule: SynchronizationSchedule, by: By): Promise<void> =>
  putSetting(db, { name: names.schedule, value: schedule, secret: null, changedAt: by.at, changedBy: by.who })

/** What accounts withhold from the cloud for which nobody has decided otherwise. */
export const getServerPrivacy = async (db: Db): Promise<Privacy> => privacyFrom(await findSetting(db, names.privacy))

/** Puts what the server withholds in the place of what it did, and lets every account follow that has no decision of its own. */
export async function putServerPrivacy(db: Db, privacy: Privacy, by: By): Promise<void> {
  await putSetting(db, { name: names.privacy, value: privacy, secret: null, changedAt: by.at, changedBy: by.who })
  await db('local_accounts')
    .where({ privacy_is_own: false })
    .update({ withhold_hostname: privacy.hostname, withhold_ip: privacy.ip, withhold_mac: privacy.mac })
}
