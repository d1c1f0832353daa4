import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { laboratoryClock, systemClock } from '../../src/clock.ts'
import { until } from '../support/until.ts'

const year = 365 * 24 * 3_600_000
const ahead = (clock: { now(): Date }) => Math.round((clock.now().getTime() - Date.now()) / year)

describe("the laboratory's clock", () => {
  const folder = mkdtempSync(join(tmpdir(), 'clock-'))
  const file = join(folder, 'lab-clock')
  after(() => rmSync(folder, { recursive: true }))

  it('goes like any other until somebody moves it', async () => {
    const clock = laboratoryClock(file)
    assert.equal(ahead(clock), 0)
    writeFileSync(file, `${year}\n`)
    await until(() => ahead(clock) === 1)
    writeFileSync(file, `${2 * year}`)
    await until(() => ahead(clock) === 2)
    rmSync(file)
    await until(() => ahead(clock) === 0)
  })

  it('goes right while the file is not a number', () => {
    writeFileSync(file, 'tomorrow')
    assert.equal(ahead(laboratoryClock(file)), 0)
  })

  it('is not what a server has', () => assert.equal(ahead(systemClock), 0))
})
