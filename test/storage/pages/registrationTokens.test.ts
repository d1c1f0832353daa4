import assert from 'node:assert/strict'
import { day, later } from '../../../src/rules/clock.ts'
import { type TokenStanding, tokenStanding } from '../../../src/rules/tokens.ts'
import { listRegistrationTokenRows } from '../../../src/storage/pages/registrationTokenRows.ts'
import type { Scope } from '../../../src/storage/pages/scope.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { type Fleet, fleetRows } from '../../support/fleetRows.ts'

const now = new Date('2026-03-01T12:00:00Z')

describe('the list of registration tokens', () => {
  let database: TestDatabase
  let fleet: Fleet
  before(async () => {
    database = await createTestDatabase()
    fleet = await fleetRows(database.storage.db, { uuid: '0197aaaa-0000-7000-8000-000000000001', products: 10, now })
  })
  after(() => database.drop())

  const list = async (standing: TokenStanding | null, at: Date, scope: Partial<Scope> = {}) => {
    const whole: Scope = { localAccountId: fleet.localAccountId, reach: 'all', ...scope }
    return (await listRegistrationTokenRows(database.storage.pages, whole, whole, { standing }, { size: 50 }, at)).page.rows
  }

  it('is filtered by the same rule that lets products in, on every day', async () => {
    for (const days of [0, 3, 9, 11, 200, 400]) {
      const at = later(now, days * day)
      const all = await list(null, at)
      for (const standing of ['usable', 'expired', 'used up', 'revoked'] as const) {
        const expected = all.filter(token => tokenStanding(token, at) === standing).map(token => token.id)
        assert.deepEqual(
          (await list(standing, at)).map(token => token.id),
          expected,
          `${standing} after ${days} days`,
        )
      }
    }
  })

  it('shows somebody of one place the tokens of that place alone', async () => {
    const rows = await list(null, now, { reach: [fleet.places.Branches] })
    assert.deepEqual(
      rows.map(row => row.description),
      ['Depot routers, wave 2', 'Depot routers, wave 1'],
    )
    assert.deepEqual(await list(null, now, { reach: [] }), [])
  })
})
