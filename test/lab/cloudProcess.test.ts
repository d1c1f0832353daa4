import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CloudReady } from '../../src/lab/cloud/openCloud.ts'
import { ask } from '../support/http.ts'
import { until } from '../support/until.ts'

const program = fileURLToPath(new URL('../../src/lab/cloud/main.ts', import.meta.url))

/** `npm run cloud`, as its own process. */
class CloudProcess {
  readonly child: ChildProcess
  output = ''
  errors = ''

  constructor(...words: string[]) {
    this.child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.child.stdout!.on('data', piece => {
      this.output += piece
    })
    this.child.stderr!.on('data', piece => {
      this.errors += piece
    })
  }

  isReady = () => until(() => this.output.includes('\n') || this.child.exitCode !== null, 45_000)

  async ended(): Promise<number | null> {
    await until(() => this.child.exitCode !== null || this.child.signalCode !== null)
    return this.child.exitCode
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal)
    return this.ended()
  }
}

describe('npm run cloud', function () {
  this.timeout(120_000)
  let folder: string
  let running: CloudProcess | undefined

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quartermaster cloud '))
  })
  afterEach(async () => {
    await running?.end('SIGKILL')
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const start = async (...words: string[]) => {
    running = new CloudProcess('--data', join(folder, 'data'), '--port', '0', ...words)
    await running.isReady()
    return running
  }
  const ready = (): CloudReady => JSON.parse(readFileSync(join(folder, 'data/cloud.json'), 'utf8'))
  const call = (method: string, path: string, body = '') => {
    const { url, username, password, cloudRoot } = ready()
    const headers = {
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    }
    return ask(url + path, { method, headers, body, ca: readFileSync(cloudRoot, 'utf8') })
  }

  it('prints one line when it is ready, writes for its owner alone how to sign in, and ends cleanly', async () => {
    const cloud = await start()
    assert.equal(cloud.output.trim().split('\n').length, 1)
    assert.ok(cloud.output.includes(ready().url))
    for (const name of ['cloud.json', 'cloud.sqlite']) assert.equal(statSync(join(folder, 'data', name)).mode & 0o777, 0o600)
    assert.equal((await call('GET', '/catalog')).status, 200)
    assert.equal(await cloud.end('SIGTERM'), 0)
    assert.equal(cloud.errors, '')
  })

  it('is as it was after a kill: the same roots, the same secrets, and what was bought the moment before', async () => {
    await start()
    const before = ready()
    const roots = [before.licensingRoot, before.cloudRoot].map(file => readFileSync(file, 'utf8'))
    await call('POST', '/smart-accounts', 'name=Bought+in+time')
    await running!.end('SIGKILL')
    await start()
    const { url: _, ...after } = ready()
    assert.deepEqual({ ...after, url: before.url }, before)
    assert.deepEqual(
      [before.licensingRoot, before.cloudRoot].map(file => readFileSync(file, 'utf8')),
      roots,
    )
    assert.match((await call('GET', '/smart-accounts')).body, /Bought in time/)
  })

  it('goes by the clock of the laboratory', async () => {
    const clock = join(folder, 'lab-clock')
    writeFileSync(clock, '0\n')
    await start('--clock', clock)
    const states = async () =>
      (await call('GET', '/virtual-accounts/400001')).body.match(/<td class="pf-v6-c-table__td">(active|pending|expired)</g)!.join()
    assert.match(await states(), /pending/)
    writeFileSync(clock, String(400 * 86_400_000))
    await until(async () => (await states()).includes('expired'))
    assert.doesNotMatch(await states(), /pending/)
  })

  it('says in one sentence what it cannot do', async () => {
    const words = new CloudProcess('--port', 'many')
    assert.equal(await words.ended(), 1)
    assert.equal(words.errors, '--port takes a whole number from 0 to 65535, not "many".\n')
    await start()
    const { port } = new URL(ready().url)
    const second = new CloudProcess('--data', join(folder, 'second'), '--port', port)
    assert.equal(await second.ended(), 1)
    assert.equal(second.errors, `Port ${port} is in use by another program. Name another with --port.\n`)
  })
})
