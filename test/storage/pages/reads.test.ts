import assert from 'node:assert/strict'
import { recountPurchased } from '../../../src/licensing/settleAuthorizations.ts'
import type { Db } from '../../../src/storage/db.ts'
import { findAccountOverview } from '../../../src/storage/pages/accountOverview.ts'
import { listEventRows } from '../../../src/storage/pages/eventRows.ts'
import { findLicenseDetail } from '../../../src/storage/pages/licenseDetail.ts'
import { licenseInstanceSort, listLicenseInstances } from '../../../src/storage/pages/licenseInstances.ts'
import { listLicenseRows } from '../../../src/storage/pages/licenseRows.ts'
import { findProductInstanceDetail } from '../../../src/storage/pages/productInstanceDetail.ts'
import { listProductInstanceRows } from '../../../src/storage/pages/productInstanceRows.ts'
import { listRegistrationTokenRows } from '../../../src/storage/pages/registrationTokenRows.ts'
import { narrowed, type Scope } from '../../../src/storage/pages/scope.ts'
import { listShortageFacts, mostSorted } from '../../../src/storage/pages/shortageFacts.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { type Fleet, fleetRows } from '../../support/fleetRows.ts'
import { rowsRead } from '../../support/rowsRead.ts'

const now = new Date('2026-03-01T12:00:00Z')
const products = 12_000

describe('a page of fifty rows', () => {
  let database: TestDatabase
  let fleet: Fleet
  let all: Scope
  before(async () => {
    database = await createTestDatabase()
    const { storage } = database
    fleet = await fleetRows(storage.db, { uuid: '0197aaaa-0000-7000-8000-000000000001', products, now })
    await storage.transaction(tx => recountPurchased(tx, fleet.localAccountId, now))
    // Visibility and statistics as a database has them that was not filled a moment ago.
    await storage.db.raw('vacuum analyze')
    all = { localAccountId: fleet.localAccountId, reach: 'all' }
  })
  after(() => database.drop())

  const slice = { size: 50 }
  const any = { states: [], text: '', descending: false }
  const middle = ['lon-acc-020a', '01990000-0000-8000-8000-000000000001']
  const instances = (db: Db, narrow: Scope, filter = {}, from = {}) =>
    listProductInstanceRows(db, all, narrow, { ...any, ...filter }, { ...slice, ...from })
  const place = (name: keyof Fleet['places']) => narrowed(all, fleet.places[name])
  const licenses = { text: '', onlyShort: false, sort: 'name' as const, descending: false }
  const users = (db: Db, name: string) => listLicenseInstances(db, all, fleet.tags[name]!, licenseInstanceSort('quantity', 5000), slice)

  /** What each page may read: fifty rows with what belongs to them, or the bounded window of a search. */
  const pages: [name: string, most: number, work: (db: Db) => Promise<unknown>][] = [
    ['product instances', 600, db => instances(db, all)],
    ['product instances from the middle', 600, db => instances(db, all, {}, { after: middle })],
    ['product instances before the middle', 600, db => instances(db, all, {}, { before: middle })],
    ['product instances, the last first', 600, db => instances(db, all, { descending: true })],
    ['product instances of the largest place', 800, db => instances(db, place('Campus'))],
    ['product instances of the smallest place', 800, db => instances(db, place('Laboratory'))],
    ['product instances in a rare state', 800, db => instances(db, all, { states: ['EXPIRED'] })],
    ['product instances in a rare state in one place', 600, db => instances(db, place('Laboratory'), { states: ['EXPIRED'] })],
    [
      'product instances seen by somebody of two places',
      800,
      db => {
        const two: Scope = { ...all, reach: [fleet.places.Laboratory, fleet.places.Default] }
        return listProductInstanceRows(db, two, two, any, slice)
      },
    ],
    ['a search for a word that is everywhere', 2800, db => instances(db, all, { text: 'acc' })],
    ['a search for a rare word', 2800, db => instances(db, all, { text: 'zrh-sbc-01' })],
    ['a search for what is not there', 2800, db => instances(db, all, { text: 'nothing like it' })],
    ['a search for two characters', 3400, db => instances(db, all, { text: 'zr' })],
    ['a search for a sign', 2800, db => instances(db, all, { text: '%' })],
    [
      'one product instance',
      60,
      async db => {
        const { page } = await instances(db, all, {}, { size: 1 })
        return findProductInstanceDetail(db, all, page.rows[0]!.id)
      },
    ],
    ['licenses', 0, db => listLicenseRows(db, all, all, licenses, slice, now)],
    ['licenses by balance', 0, db => listLicenseRows(db, all, all, { ...licenses, sort: 'balance' }, slice, now)],
    ['one license that is in compliance', 0, db => findLicenseDetail(db, all, fleet.tags['Network Premier']!)],
    ['the users of a license that half the fleet uses', 300, db => users(db, 'Network Essentials')],
    ['the event log', 60, db => listEventRows(db, all, all, { kind: null, text: '' }, slice)],
    ['the event log, searched', 2000, db => listEventRows(db, all, all, { kind: null, text: 'nothing like it' }, slice)],
    ['registration tokens', 0, db => listRegistrationTokenRows(db, all, all, { standing: null }, slice, now)],
    ['the overview', 1, db => findAccountOverview(db, all, { from: '2026-01-01', to: '2026-03-01' }, now)],
  ]
  for (const [name, most, work] of pages) {
    it(`reads little: ${name}`, async () => {
      const read = await rowsRead(database.storage, work)
      assert.ok(read <= most, `${read} rows of tables that hold ${products} and more were read; ${most} are enough`)
    })
  }

  it('explains a shortage from no more instances than can be sorted', async () => {
    const read = await rowsRead(database.storage, db => listShortageFacts(db, all, fleet.tags['Wireless Access Point']!))
    assert.ok(read <= 2 * mostSorted, `${read} rows were read`)
  })
})
