import assert from 'node:assert/strict'
import { drive } from './drive.ts'
import { targets } from './targets.ts'

/** A short walk of `npm run fuzz`, the same each time. */
describe('what strangers send, changed in every way', () => {
  for (const target of targets) {
    it(`is read or refused, and nothing else: ${target.name}`, async () => {
      const { findings, ways } = await drive(target, { runs: 400, seconds: 60, seed: 1 })
      assert.deepEqual(findings, [])
      assert.ok(ways > 1, 'some are refused')
    })
  }
})
