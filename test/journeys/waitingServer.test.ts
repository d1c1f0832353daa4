import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitingServer } from '../../src/rules/pair.ts'
import type { Ports } from '../../src/server/serve.ts'
import { openReplication, type Replication } from '../support/replication.ts'
import { until } from '../support/until.ts'

/** The server of a standby has loaded everything and waits: who takes over is not to wait for what takes seconds to load. */
describe('the server beside a database that follows', function () {
  this.timeout(180_000)
  let pair: Replication
  let folder: string
  let started: ChildProcess | undefined

  before(async () => {
    pair = await openReplication()
    folder = mkdtempSync(join(tmpdir(), 'quartermaster-waits-'))
  })
  after(async () => {
    started?.kill('SIGKILL')
    await pair.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** The server's own program beside the standby, and what it logs. */
  function startServer() {
    const ports = ['HTTPS', 'DEVICE_HTTP', 'DEVICE_HTTPS'].map(name => [`QUARTERMASTER_${name}_PORT`, '0'])
    const child = fork(new URL('../../src/server.ts', import.meta.url), [], {
      env: {
        ...process.env,
        ...Object.fromEntries(ports),
        ...{ DATABASE_URL: pair.standby.connection, QUARTERMASTER_DATA: folder, QUARTERMASTER_DEVICE_PROCESSES: '1' },
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    started = child
    let log = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      log += text
    })
    return { child, waits: () => until(() => log.includes('the doors open when it is promoted'), 120_000), log: () => log }
  }

  it('opens no door and outlives its database, serves as soon as that is promoted, and ends when it is told to', async () => {
    const { child, waits, log } = startServer()
    await waits()
    await pair.standby.stop('SIGQUIT')
    await pair.standby.start()
    const isLookedFor = () => pair.standby.ask(`select from pg_stat_activity where application_name = '${waitingServer}'`)
    await until(async () => (await isLookedFor()).length === 1)
    assert.doesNotMatch(log(), /Ready/)
    const ready = once(child, 'message')
    await pair.standby.ask('select pg_promote()')
    const [{ ready: ports }] = (await ready) as [{ ready: Ports }]
    const answer = await fetch(`http://127.0.0.1:${ports.deviceHttp}/`)
    assert.ok(answer.status < 500)
    child.kill('SIGTERM')
    const [code] = await once(child, 'exit')
    assert.equal(code, 0)
  })
})
