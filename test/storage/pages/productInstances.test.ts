import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ProductInstanceState } from '../../../src/rules/productInstances.ts'
import type { Slice } from '../../../src/storage/pages/keyset.ts'
import { listProductInstanceRows, type ProductInstanceRow } from '../../../src/storage/pages/productInstanceRows.ts'
import { narrowed, type Scope } from '../../../src/storage/pages/scope.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { type Fleet, fleetRows } from '../../support/fleetRows.ts'

const now = new Date('2026-03-01T12:00:00Z')
type Known = Pick<ProductInstanceRow, 'id' | 'name' | 'state' | 'localVirtualAccountId' | 'udiPid' | 'udiSerialNumber'>

describe('the list of product instances', () => {
  let database: TestDatabase
  let fleet: Fleet
  let everybody: Known[]
  before(async () => {
    database = await createTestDatabase()
    fleet = await fleetRows(database.storage.db, { uuid: '0197aaaa-0000-7000-8000-000000000001', products: 400, now })
    await fleetRows(database.storage.db, { uuid: '0197aaaa-0000-7000-8000-000000000002', name: 'Neighbour', products: 30, now })
    const { rows } = await database.storage.db.raw(
      `select id, name, state, local_virtual_account_id as "localVirtualAccountId", udi_pid as "udiPid", udi_serial_number as "udiSerialNumber"
       from product_instances where local_account_id = ? order by name, id`,
      [fleet.localAccountId],
    )
    everybody = rows
  })
  after(() => database.drop())

  const list = (scope: Scope, narrow: Scope, filter: Parameters<typeof listProductInstanceRows>[3], slice: Slice) =>
    listProductInstanceRows(database.storage.pages, scope, narrow, filter, slice)

  /** All pages from the first to the last. */
  async function walk(scope: Scope, narrow: Scope, filter: Parameters<typeof listProductInstanceRows>[3], size: number) {
    const ids: string[] = []
    let slice: Slice = { size }
    for (;;) {
      const { page } = await list(scope, narrow, filter, slice)
      ids.push(...page.rows.map(row => row.id))
      if (!page.next) return ids
      slice = { size, after: page.next }
    }
  }

  const states: ProductInstanceState[] = ['PENDING_ACK', 'REGISTERED', 'EXPIRED']
  const text = fc.oneof(
    fc.constant(''),
    fc.constantFrom('acc', 'LON', 'zrh-fw', 'qf-31', '00', '-', '%', '_', 'wlc-00', 'nothing', 'x', 'am', ' QR'),
  )

  it('shows what fits the filter and the reach, every row once and in order, whatever is asked', async () => {
    const places = Object.values(fleet.places)
    const question = fc.record({
      reach: fc.option(fc.subarray(places), { nil: 'all' as const }),
      place: fc.option(fc.constantFrom(...places), { nil: undefined }),
      states: fc.subarray(states),
      text,
      descending: fc.boolean(),
      size: fc.constantFrom(40, 150),
    })
    await fc.assert(
      fc.asyncProperty(question, async ({ reach, place, size, ...filter }) => {
        const scope: Scope = { localAccountId: fleet.localAccountId, reach }
        const found = await walk(scope, narrowed(scope, place), filter, size)
        const fitting = everybody.filter(one => fits(one, { reach, place, ...filter })).map(one => one.id)
        assert.deepEqual(found, filter.descending ? fitting.reverse() : fitting)
      }),
      { numRuns: 60 },
    )
  })

  it('counts the states of the chosen places', async () => {
    const scope: Scope = { localAccountId: fleet.localAccountId, reach: 'all' }
    for (const narrow of [scope, narrowed(scope, fleet.places.Campus)]) {
      const { counts } = await list(scope, narrow, { states: [], text: '', descending: false }, { size: 1 })
      for (const state of states) {
        const there = everybody.filter(
          one => one.state === state && (narrow.reach === 'all' || narrow.reach.includes(one.localVirtualAccountId)),
        )
        assert.equal(counts[state] ?? 0, there.length, state)
      }
    }
  })
})

/** The filter in plain words: part of name, serial number or product identifier; one or two characters only where one of them begins. */
function fits(one: Known, asked: { reach: 'all' | number[]; place: number | undefined; states: string[]; text: string }): boolean {
  const seen =
    (asked.reach === 'all' || asked.reach.includes(one.localVirtualAccountId)) &&
    [undefined, one.localVirtualAccountId].includes(asked.place)
  const stands = asked.states.length === 0 || asked.states.includes(one.state)
  const words = [one.name, one.udiSerialNumber, one.udiPid].map(word => (word ?? '').toLowerCase())
  const sought = asked.text.trim().toLowerCase()
  const named = sought.length >= 3 ? words.join(' ').includes(sought) : words.some(word => word.startsWith(sought))
  return seen && stands && named
}
