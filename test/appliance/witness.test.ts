import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { type OpenSsl, openSsl } from '../support/openssl.ts'
import { makeTestAuthority, type TestAuthority } from '../support/tlsPeer.ts'
import { until } from '../support/until.ts'

type Value = { epoch: number; owner: string | null }
type Identity = { key: string; certificate: string }
type Answer = { status: number; body: Value & { sentence?: string } }
const empty: Value = { epoch: 0, owner: null }

/** The real program, asked over real TLS by nodes with certificates of their pair. */
describe('the witness', () => {
  let folder: string
  let witness: ChildProcess
  let port: number
  let server: TestAuthority
  let openssl: OpenSsl
  let pair: string
  let node: Identity
  let stranger: Identity
  const program = fileURLToPath(new URL('../../appliance/witness/main.ts', import.meta.url))

  async function start() {
    const words = ['--settings', folder, '--registers', join(folder, 'registers'), '--listen', '127.0.0.1', '--port', '0']
    witness = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    const lines = createInterface({ input: witness.stdout! })
    const [line] = (await once(lines, 'line')) as [string]
    port = JSON.parse(line).listening
    lines.on('line', () => undefined)
  }

  async function kill() {
    witness.kill('SIGKILL')
    await once(witness, 'exit')
  }

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quartermaster-witness-'))
    server = await makeTestAuthority('witness')
    const shown = await server.certify(['127.0.0.1'])
    openssl = openSsl()
    pair = authorityNamed('pair')
    const other = authorityNamed('other')
    node = nodeOf('pair')
    stranger = nodeOf('other')
    writeFileSync(join(folder, 'witness.key'), shown.key)
    writeFileSync(join(folder, 'witness.pem'), shown.certificate)
    mkdirSync(join(folder, 'clusters'))
    for (const name of ['licenses', 'swaps', 'killed', 'damaged', 'twice']) writeFileSync(join(folder, 'clusters', `${name}.pem`), pair)
    writeFileSync(join(folder, 'clusters', 'others.pem'), other)
    await start()
  })
  after(() => {
    witness?.kill('SIGKILL')
    openssl?.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
  /** An authority of a pair, and a node of it, as `openssl` makes them. */
  function authorityNamed(name: string, subject = name): string {
    openssl.run('req', '-x509', ...newKey, '-subj', `/CN=${subject}`, '-keyout', `${name}.key`, '-out', `${name}.pem`)
    return readFileSync(join(openssl.folder, `${name}.pem`), 'utf8')
  }
  function nodeOf(name: string): Identity {
    const by = ['-CA', `${name}.pem`, '-CAkey', `${name}.key`]
    openssl.run('req', '-x509', ...newKey, ...by, '-subj', '/CN=node-a', '-keyout', `node-${name}.key`, '-out', `node-${name}.pem`)
    const [key, certificate] = ['key', 'pem'].map(ending => readFileSync(join(openssl.folder, `node-${name}.${ending}`), 'utf8'))
    return { key: key!, certificate: certificate! }
  }

  function ask(method: string, path: string, body?: string, as: Partial<Identity> = node, maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3') {
    return new Promise<Answer>((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port,
        path,
        method,
        ca: server.root.pem,
        key: as.key,
        cert: as.certificate,
        maxVersion,
        agent: false,
      }
      request(options, async response => {
        const text = Buffer.concat(await response.toArray()).toString()
        resolve({ status: response.statusCode!, body: JSON.parse(text) })
      })
        .on('error', reject)
        .end(body)
    })
  }
  const read = async (cluster: string) => (await ask('GET', `/registers/${cluster}`)).body
  const swap = (cluster: string, expected: Value, next: Value) => ask('POST', `/registers/${cluster}`, JSON.stringify({ expected, next }))

  it('lets the first of two win, tells the other who did, and says so again when it is asked again', async () => {
    assert.deepEqual(await read('licenses'), empty)
    const [a, b] = [
      { epoch: 1, owner: 'node-a' },
      { epoch: 1, owner: 'node-b' },
    ]
    assert.deepEqual(await swap('licenses', empty, a), { status: 200, body: a })
    assert.deepEqual(await swap('licenses', empty, b), { status: 409, body: a })
    assert.deepEqual(await swap('licenses', empty, a), { status: 200, body: a })
    assert.deepEqual(await read('licenses'), a)
  })

  it('lets exactly one win, however many want it at once', async () => {
    const owners = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/), { minLength: 2, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(owners, fc.integer({ min: 1, max: 5 }), async (names, step) => {
        const before = await read('swaps')
        const wishes = names.map(owner => ({ epoch: before.epoch + step, owner }))
        const answers = await Promise.all(wishes.map(next => swap('swaps', before, next)))
        const won = wishes.filter((_, index) => answers[index]!.status === 200)
        assert.equal(won.length, 1)
        for (const { body } of answers) assert.deepEqual(body, won[0])
        assert.deepEqual(await read('swaps'), won[0])
      }),
      { numRuns: 15 },
    )
  })

  it('knows after kill -9 whatever it said was won', async () => {
    let told = await read('killed')
    for (let round = 0; round < 3; round++) {
      const swaps = (async () => {
        for (;;) {
          const next = { epoch: told.epoch + 1, owner: 'node-a' }
          if ((await swap('killed', told, next)).status !== 200) return
          told = next
        }
      })().catch(() => undefined)
      const goal = told.epoch + 3 + round
      await until(() => told.epoch >= goal)
      await kill()
      await swaps
      await start()
      const { epoch } = await read('killed')
      // One more may be there: the one whose answer was on its way.
      assert.ok(epoch === told.epoch || epoch === told.epoch + 1, `${epoch} after ${told.epoch}`)
      told = await read('killed')
    }
    assert.deepEqual(
      readdirSync(join(folder, 'registers')).filter(name => !name.endsWith('.json')),
      [],
    )
  })

  it('refuses what is no swap, in a sentence, and keeps what it holds', async () => {
    const first = { epoch: 5, owner: 'node-a' }
    await swap('twice', empty, first)
    const wrong: unknown[] = [
      { expected: first, next: first },
      { expected: first, next: { epoch: 4, owner: 'node-b' } },
      { expected: first, next: { epoch: 6, owner: '../node' } },
      { expected: first, next: { epoch: 6, owner: null } },
      { expected: first, next: { epoch: 6.5, owner: 'node-b' } },
      { expected: first, next: { epoch: 6, owner: 'node-b', more: 1 } },
      { expected: first },
      [],
      { expected: first, next: { epoch: 6, owner: 'n'.repeat(2000) } },
    ]
    for (const each of wrong) {
      const { status, body } = await ask('POST', '/registers/twice', JSON.stringify(each))
      assert.deepEqual([status, typeof body.sentence], [400, 'string'], JSON.stringify(each))
    }
    assert.equal((await ask('POST', '/registers/twice', 'no json')).status, 400)
    assert.equal((await ask('DELETE', '/registers/twice')).status, 405)
    assert.deepEqual(await read('twice'), first)
  })

  it('keeps to itself whatever is not of the pair that asks', async () => {
    for (const path of ['/registers/others', '/registers/unknown', '/registers/..%2flicenses', '/', '/registers/'])
      assert.equal((await ask('GET', path)).status, 403, path)
    assert.equal((await ask('GET', '/registers/licenses', undefined, stranger)).status, 403)
    // An authority of the same name with another key, whom nobody believes.
    const namedLikeIt = 'impostor'
    authorityNamed(namedLikeIt, 'pair')
    await assert.rejects(ask('GET', '/registers/licenses', undefined, {}))
    await assert.rejects(ask('GET', '/registers/licenses', undefined, nodeOf(namedLikeIt)))
    await assert.rejects(ask('GET', '/registers/licenses', undefined, node, 'TLSv1.2'))
  })

  it('takes a damaged register for a fault, and not for an empty one', async () => {
    writeFileSync(join(folder, 'registers', 'damaged.json'), '{"epoch": 7, "ow')
    const { status, body } = await swap('damaged', empty, { epoch: 1, owner: 'node-b' })
    assert.deepEqual([status, typeof body.sentence], [500, 'string'])
    assert.equal(readFileSync(join(folder, 'registers', 'damaged.json'), 'utf8'), '{"epoch": 7, "ow')
  })

  it('starts only with a pair to witness for', async () => {
    const bare = join(folder, 'bare')
    mkdirSync(join(bare, 'clusters'), { recursive: true })
    for (const name of ['witness.key', 'witness.pem']) writeFileSync(join(bare, name), readFileSync(join(folder, name)))
    const child = spawn(process.execPath, [program, '--settings', bare, '--registers', join(bare, 'r')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const said = Buffer.concat(await child.stderr.toArray()).toString()
    assert.equal(said, `${bare}/clusters has no authority of a pair: put one there as NAME.pem.\n`)
  })
})
