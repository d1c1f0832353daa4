import { lotStanding } from '../../rules/entitlements.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { explainShortage } from '../../rules/why.ts'
import type { Db } from '../../storage/db.ts'
import { findLicenseDetail, findLicenseEvents, findLicenseHead } from '../../storage/pages/licenseDetail.ts'
import { licenseInstanceColumns, licenseInstanceSort, listLicenseInstances } from '../../storage/pages/licenseInstances.ts'
import type { Scope } from '../../storage/pages/scope.ts'
import { paths } from '../paths.ts'
import { goTo, show } from '../render.ts'
import { type AccountVisit, parameter } from '../visit.ts'
import { eventTones } from './eventKinds.ts'
import { listModel, oneOf, readQuestion, readSlice, scopeOf } from './list.ts'

const view = (name: string) => ({ page: `licensing/licenses/${name}.njk`, fragment: `licensing/licenses/_${name}.njk` })

/** The license in the path, as `find` reads it, if this visit may see it. */
export async function getLicense<License>(
  visit: AccountVisit,
  find: (db: Db, scope: Scope, tagId: number) => Promise<License | undefined>,
): Promise<License> {
  const tagId = Number(parameter(visit, 'tag'))
  const known = Number.isInteger(tagId) && tagId > 0 && tagId < 2 ** 31
  const license = known ? await find(visit.context.storage.pages, scopeOf(visit), tagId) : undefined
  refuseUnless(license, 'NOT_FOUND', 'There is no such license in this account.')
  return license
}

/** One license: how it stands in each Local Virtual Account, why it is short, its lots, and what stands in for what. */
export async function licensePage(visit: AccountVisit): Promise<void> {
  const license = await getLicense(visit, findLicenseDetail)
  const lots = license.lots.map(lot => ({ ...lot, standing: lotStanding(lot, visit.now) }))
  const explanations = license.shortages.map(facts => explainShortage(facts, visit.now))
  show(visit, view('license'), { license, lots, explanations })
}

/** The instances that use a license, the largest first or by name. */
export async function licenseInstancesPage(visit: AccountVisit): Promise<void> {
  const license = await getLicense(visit, findLicenseHead)
  const sort = licenseInstanceSort(oneOf(visit, 'sort', ['quantity', 'name']) ?? 'quantity', license.instances)
  const slice = readSlice(visit, licenseInstanceColumns(sort), readQuestion(visit).size)
  const page = await listLicenseInstances(visit.context.storage.pages, scopeOf(visit), license.tagId, sort, slice)
  const path = paths.licensing.licenseInstances(visit.account.uuid, license.tagId)
  const list = listModel(visit, path, { sort: sort === 'name' ? 'name' : '' }, slice, page)
  if (list.isEmpty && list.first) return goTo(visit, list.first)
  show(visit, view('instances'), { license, list, rows: page.rows, sort })
}

/** What happened to a license. */
export async function licenseEventsPage(visit: AccountVisit): Promise<void> {
  const license = await getLicense(visit, findLicenseEvents)
  show(visit, view('events'), { license, events: license.events, eventTones })
}
