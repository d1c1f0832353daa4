import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bringSettingsBack, forgetFormerSettings, takeSettings } from '../../appliance/actions/restoredSettings.ts'
import { readable } from '../../appliance/actions/services.ts'
import { ntp } from '../../appliance/actions/time.ts'
import { perform, type RecordedMachine, recordedMachine } from '../support/machine.ts'

const root = {
  setting: 'QUARTERMASTER_LICENSING_ROOT',
  here: null,
  before: '/var/lib/quartermaster/restored/licensing-root.pem',
  ofTheServer: true,
}
const cloud = { setting: 'QUARTERMASTER_CLOUD_URL', here: 'https://here.example', before: 'https://there.example', ofTheServer: true }
const port = { setting: 'QUARTERMASTER_HTTPS_PORT', here: null, before: '9443', ofTheServer: false }

describe('settings after a restore', () => {
  let machine: RecordedMachine
  let file: string
  beforeEach(() => {
    machine = recordedMachine()
    file = join(machine.folders.settings, 'settings.env')
    writeFileSync(file, 'QUARTERMASTER_DATA=/var/lib/quartermaster\n', { mode: 0o640 })
  })
  afterEach(() => machine.remove())
  const text = () => readFileSync(file, 'utf8')

  it('are set where the trust of products rests on them and this machine has none; the others are told', () => {
    assert.deepEqual(takeSettings(machine, [root, cloud, port]), { taken: [root.setting], differ: [cloud, port] })
    assert.equal(text(), `QUARTERMASTER_DATA=/var/lib/quartermaster\n# From a backup.\n${root.setting}=${root.before}\n`)
    assert.equal(statSync(file).mode & 0o777, 0o640)
  })

  it('are as they were when the restore is undone, and stay when it is accepted', () => {
    const before = text()
    takeSettings(machine, [root])
    bringSettingsBack(machine)
    assert.equal(text(), before)
    takeSettings(machine, [root])
    forgetFormerSettings(machine)
    bringSettingsBack(machine)
    assert.match(text(), /LICENSING_ROOT/)
  })

  it('bring no second line with them', () => {
    const before = text()
    const hostile = { ...root, before: '/x\nDATABASE_URL=postgresql://elsewhere/' }
    assert.deepEqual(takeSettings(machine, [hostile]), { taken: [], differ: [hostile] })
    assert.equal(text(), before)
  })
})

describe('what an operator types and reads', () => {
  it('is a list with commas or spaces, as a program gives an array', async () => {
    const machine = recordedMachine()
    mkdirSync(join(machine.folders.host, 'chrony/sources.d'), { recursive: true })
    const written = () => readFileSync(join(machine.folders.host, 'chrony/sources.d/quartermaster.sources'), 'utf8')
    for (const servers of ['a.example, b.example', 'a.example b.example', ['a.example', 'b.example']]) {
      await perform(machine, ntp, { servers })
      assert.equal(written(), 'server a.example iburst\nserver b.example iburst\n')
    }
    await assert.rejects(perform(machine, ntp, { servers: '-x' }), { name: 'Refusal' })
    await assert.rejects(perform(machine, ntp, { servers: ',' }), { name: 'Refusal' })
    machine.remove()
  })

  it("is the sentence of the server's log, with its details after it; other lines are left as they are", () => {
    const before = '2026-11-24T17:59:42+0000 node[4172]'
    assert.equal(
      readable(`${before}: {"level":50,"time":"2026-11-24T17:59:42.379Z","msg":"No room","bytes":3}`),
      `${before}: ERROR No room (bytes 3)`,
    )
    for (const line of [`${before}: {"level":30,"ti`, `${before}: plain words`]) assert.equal(readable(line), line)
  })
})
