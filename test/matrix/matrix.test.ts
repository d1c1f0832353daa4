import assert from 'node:assert/strict'
import { everybody } from '../support/allowed.ts'
import { type Ground, openGround, walkEverything } from './ground.ts'
import { tryOthersIds } from './othersIds.ts'
import { complaintOf, holds, type Row } from './walk.ts'

describe('the matrix of routes and people', function () {
  // Some four thousand questions: minutes on a machine that has other things to do.
  this.timeout(1_800_000)
  let ground: Ground
  let rows: Row[]
  before(async () => {
    ground = await openGround()
    rows = await walkEverything(ground)
  })
  after(() => ground.close())

  it('lets in whom the declared act is for, and nobody else, whosever ids they come with, without an exception', () => {
    const wrong = rows.flatMap(row => row.cells.filter(cell => !holds(cell)).map(cell => complaintOf(row, cell)))
    assert.deepEqual(wrong, [])
  })

  it('does nothing with what is named in a form or a body and is not theirs', async () => {
    assert.deepEqual(await tryOthersIds(ground), [])
  })

  it('has every row, and for each of them nobody, each role, and somebody without one', () => {
    assert.ok(rows.length > 150)
    for (const row of rows)
      for (const asker of ['nobody', ...everybody])
        assert.ok(
          row.cells.some(cell => cell.asker === asker),
          `${row.path} was not asked as ${asker}`,
        )
  })
})
