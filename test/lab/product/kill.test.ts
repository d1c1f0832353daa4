import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openLaboratory, product, type Said, type TestLaboratory } from './laboratory.ts'
import { openWay, type WayThrough } from './wayThrough.ts'

const program = join(import.meta.dirname, '../../../src/lab/product/main.ts')
const day = 86_400_000

describe('a product that is killed', function () {
  this.timeout(120_000)
  let lab: TestLaboratory
  let way: WayThrough
  let data: string
  let products = 0
  const serialNumber = () => `KILLED${products}`
  const run = (...words: string[]): Promise<Said> => product(data, ...words)
  const start = (...words: string[]) =>
    spawn(process.execPath, [program, '--data', data, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  const registration = () => ['register', '--token', lab.open.token, '--url', way.url, '--sn', serialNumber()]
  const instances = () => lab.open.context.storage.db('product_instances').where({ udi_serial_number: serialNumber() })

  before(async () => {
    lab = await openLaboratory()
  })
  after(() => lab.open.close())
  beforeEach(async () => {
    products++
    way = await openWay(lab.open.around.httpPort)
    data = lab.folder(way.url)
  })
  afterEach(() => way.close())

  /** Kills the command, as `kill -9` does, while its message is held on the way. */
  async function killWhileHeld(where: 'before the server' | 'after the server', message: number, ...words: string[]): Promise<void> {
    way.hold(where, message)
    const child = start(...words)
    await way.held()
    child.kill('SIGKILL')
    await once(child, 'exit')
    way.letGo()
  }

  for (const where of ['before the server', 'after the server'] as const) {
    it(`is registered once when its registration was held ${where}`, async () => {
      await killWhileHeld(where, 1, ...registration())
      const { code, out } = await run('register', '--token', lab.open.token)
      assert.equal(code, 0)
      assert.equal(way.bodies[0], way.bodies[1])
      const [instance, ...others] = await instances()
      assert.deepEqual(others, [])
      assert.ok(out.includes(instance.id))
      assert.equal(instance.state, 'REGISTERED')
    })
  }

  it('acknowledges when it was killed between its registration and the acknowledgement', async () => {
    await killWhileHeld('before the server', 2, ...registration())
    assert.equal((await instances())[0].state, 'PENDING_ACK')
    assert.match((await run('show', 'license', 'status')).out, /^ {2}Status: REGISTERED$/m)
    assert.equal((await run('register', '--token', lab.open.token)).code, 0)
    assert.equal((await instances())[0].state, 'REGISTERED')
  })

  it('has the certificate that the server issued when the answer to its renewal was held', async () => {
    await run(...registration())
    await killWhileHeld('after the server', 1, 'renew', 'id')
    const sent = way.bodies.at(-1)
    assert.equal((await run('renew', 'id')).code, 0)
    assert.equal(way.bodies.filter(body => body === sent).length, 2)
    assert.equal((await run('renew', 'auth')).code, 0)
  })

  it('reports once more when the answer to its report was held', async () => {
    await run(...registration())
    await killWhileHeld('after the server', 1, 'use', 'essentials', '3')
    assert.match((await run('renew', 'auth')).out, /^In use: ESSENTIALS 3\. Authorization: AUTHORIZED;/)
  })

  it('takes its leave once when the answer to its deregistration was held', async () => {
    await run(...registration())
    await killWhileHeld('after the server', 1, 'deregister')
    assert.equal((await run('deregister')).out, 'Deregistered.\n')
    assert.deepEqual(await instances(), [])
  })

  it('is not killed by Ctrl-C, but stops; until then it obeys its timers by the clock of the laboratory', async () => {
    await run(...registration())
    const child = start('run')
    let said = ''
    child.stdout.on('data', chunk => {
      said += chunk
    })
    const says = async (pattern: RegExp) => {
      while (!pattern.test(said)) await once(child.stdout, 'data')
    }
    await says(/next: report usage on /)
    lab.open.clock.advance(31 * day)
    writeFileSync(join(data, 'lab-clock'), `${31 * day}\n`)
    await says(/report usage: done/)
    child.kill('SIGINT')
    await once(child, 'exit')
    assert.equal(child.exitCode, 0)
    lab.open.clock.advance(-31 * day)
  })
})
