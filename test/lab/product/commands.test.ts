import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decideAll } from '../../support/conversions.ts'
import { until } from '../../support/until.ts'
import { openLaboratory, product, type Said, type TestLaboratory } from './laboratory.ts'

describe('a product on the command line', function () {
  this.timeout(60_000)
  let lab: TestLaboratory
  let data: string
  const run = (...words: string[]): Promise<Said> => product(data, ...words)
  const register = (...words: string[]) => run('register', '--token', lab.open.token, ...words)

  before(async () => {
    lab = await openLaboratory()
  })
  after(() => lab.open.close())
  beforeEach(() => {
    data = lab.folder()
  })

  it('is the one of the running laboratory, over TLS, unless it is told otherwise', async () => {
    assert.match((await register()).out, /^Registered with Example Corp, Laboratory, as [0-9a-f-]{36}\.\n/)
    const used = await run('use', 'essentials', '2', 'advantage', '3')
    assert.equal(used.code, 0)
    assert.match(used.out, /^In use: ESSENTIALS 2, ADVANTAGE 3\. Authorization: OUT OF COMPLIANCE; next report on /)
    assert.match(used.out, /^ADVANTAGE: OUT OF COMPLIANCE, 1 short$/m)
    const summary = await run('show', 'license', 'summary')
    assert.match(summary.out, /^ {2}ADVANTAGE +\(ADVANTAGE\) +3 OUT OF COMPLIANCE$/m)
    assert.equal((await run('release', 'advantage')).code, 0)
    const status = JSON.parse((await run('show', 'license', 'status', '--json')).out)
    assert.equal(status.authorization.status, 'AUTHORIZED')
    assert.match((await run('renew', 'id')).out, /^The ID certificate \d+ ends on /)
    assert.equal((await run('renew', 'auth')).code, 0)
    assert.equal((await run('deregister')).out, 'Deregistered.\n')
    const again = await run('deregister')
    assert.deepEqual([again.code, again.out], [1, ''])
    assert.match(again.err, /^This product is not registered: register it/)
  })

  it('remembers the server that it was told of', async () => {
    const { httpPort } = lab.open.around
    assert.equal((await register('--url', `http://127.0.0.1:${httpPort}`, '--transport', 'callhome')).code, 0)
    const { transport, url } = JSON.parse((await run('show', 'license', 'status', '--json')).out)
    assert.deepEqual({ transport, url }, { transport: 'callhome', url: `http://127.0.0.1:${httpPort}` })
  })

  it('says in a sentence what is wrong, and fails', async () => {
    for (const [words, sentence] of [
      [['register'], /^Give the registration token with --token/],
      [['register', '--token', 'nonsense'], /^The token 'nonsense' is not valid\. \(TOKEN_INVALID\)\nMake a new token/],
      [['use', 'premium', '1'], /^'premium' is no tag: .* or one of advantage, essentials\.$/m],
      [['use', 'advantage'], /^Give a TAG and a COUNT/],
      [['use', 'advantage', '-1'], /see --help\.$/m],
      [['use', 'advantage', 'two'], /^'two' is no count/],
      [['use', 'advantage', '1'], /^This product is not registered/],
      [['release'], /^Name the license to release/],
      [['conversion', 'start'], /^This product is not registered/],
      [['conversion', 'start', '--license', 'GIFT:EX-1:1'], /^'GIFT:EX-1:1' is no traditional license: write SOURCE:SKU:COUNT/],
      [['conversion', 'start', '--license', 'PAK:EX-1:0'], /is no traditional license/],
      [['conversion', 'start', '--license', 'PAK:EX-1:1', '--license', 'pak:EX-1:2'], /names a license twice/],
      [['hello', '--url', 'http://127.0.0.1:1'], /nothing listens there/],
      [['hello', '--transport', 'pigeon'], /^--transport must be smart or callhome/],
      [['hello', '--data', '/nowhere'], /^No laboratory is running: start one with npm start/],
      [['fleet'], /^Say with --count how many/],
    ] as [string[], RegExp][]) {
      const { code, err, out } = await run(...words)
      assert.notEqual(code, 0, words.join(' '))
      assert.match(err, sentence)
      assert.equal(out, '')
    }
  })

  it('converts its traditional licenses, and follows that to its end over restarts', async () => {
    await register()
    const begun = await run('conversion', 'start', '--wait', '0')
    assert.equal(begun.code, 75)
    assert.equal(
      begun.out,
      'CLASSIC EX-ADV-PERM, 2: PENDING_UPSTREAM\nRTU EX-ESS-RTU, 3: PENDING_UPSTREAM\nPAK EX-THR-10G, 1: PENDING_UPSTREAM\n',
    )
    assert.match(begun.err, /ask with 'poll', or leave it to 'run'.*The cloud decides when the Local Account is synchronized/s)
    assert.match((await run('poll')).err, /later \(poll \d+\)/)
    assert.match(
      (await run('show', 'license', 'status')).out,
      /License Conversion:\n {2}Automatic Conversion Enabled: False\n {2}Status: IN PROGRESS, started on .*\n {2}Next Poll: .*\n {2}CLASSIC EX-ADV-PERM, 2: PENDING_UPSTREAM/,
    )
    const { tags } = lab.lots
    const no = { status: 'NOT_ELIGIBLE', tag: null, count: 0, message: 'Nothing for that.' } as const
    await decideAll(lab.open.context, lab.open.home.account.id, tags.ADVANTAGE, line => (line === 2 ? no : { count: 10 }))
    const ended = await run('conversion', 'start', '--license', 'PAK:EX-OTHER:1')
    assert.match(ended.err, /has not ended is gone on with/)
    assert.deepEqual(
      [ended.code, ended.out],
      [
        0,
        'CLASSIC EX-ADV-PERM, 2: CONVERTED, 10 of ADVANTAGE\nRTU EX-ESS-RTU, 3: NOT_ELIGIBLE. Nothing for that.\nPAK EX-THR-10G, 1: CONVERTED, 10 of ADVANTAGE\n',
      ],
    )
    assert.match((await run('show', 'license', 'all')).out, /License Conversion:\n.*\n {2}Status: COMPLETED on /)

    const second = run('conversion', 'start', '--license', 'classic:EX-ADV-PERM:2', '--license', 'RTU:essentials:4:any', '--every', '1')
    await until(
      async () => JSON.parse((await run('show', 'license', 'status', '--json')).out).conversion.lines[0]?.status === 'ALREADY_CONVERTED',
    )
    await decideAll(lab.open.context, lab.open.home.account.id, tags.ESSENTIALS)
    const { code, out } = await second
    assert.deepEqual(
      [code, out],
      [
        0,
        'CLASSIC EX-ADV-PERM, 2: ALREADY_CONVERTED, 10 of ADVANTAGE. This line was converted before.\nRTU ESSENTIALS (any), 4: CONVERTED, 4 of ESSENTIALS\n',
      ],
    )
    const { conversion } = JSON.parse((await run('show', 'license', 'status', '--json')).out)
    assert.deepEqual(
      conversion.lines.map((each: { line: number }) => each.line),
      [1, 4],
      'a license keeps its line',
    )
  })

  it('keeps its keys and its state for its owner alone, and nothing of the token', async () => {
    await register()
    const folder = join(data, 'products/default')
    const [key] = readdirSync(join(folder, 'keys'))
    for (const file of ['state.json', `keys/${key}`]) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
    assert.equal(statSync(join(folder, 'keys')).mode & 0o777, 0o700)
    assert.ok(!readFileSync(join(folder, 'state.json'), 'utf8').includes(lab.open.token.slice(0, 40)))
  })

  it('has a state where it is told to, and none that it cannot read', async () => {
    const mine = join(data, 'mine')
    await register('--state', mine, '--sn', 'FOXMINE', '--hostname', 'mine')
    assert.match((await run('show', 'license', 'all', '--state', mine)).out, /^UDI: PID:EX-R1000,SN:FOXMINE$/m)
    assert.match((await run('renew', 'auth', '--state', mine, '--sn', 'FOXYOURS')).err, /is registered as PID:EX-R1000,SN:FOXMINE/)
    const broken = join(data, 'broken')
    mkdirSync(broken)
    writeFileSync(join(broken, 'state.json'), '{"format":')
    assert.match((await run('show', 'license', 'all', '--state', broken)).err, /holds no state of a product/)
  })

  it('keeps two commands on one product apart', async () => {
    await register()
    const counts = [1, 2, 3, 4, 5]
    const all = await Promise.all(counts.map(count => run('use', 'essentials', String(count))))
    assert.deepEqual(
      all.map(({ code }) => code),
      counts.map(() => 0),
    )
    const { licenses } = JSON.parse((await run('show', 'license', 'usage', '--json')).out)
    assert.equal(licenses[0].status, 'AUTHORIZED')
  })

  it('is many products as a fleet, which says what it came to', async () => {
    const results = join(data, 'results.json')
    const { code, out, err } = await run('fleet', '--count', '12', '--keys', '2', '--mix', 'register,authorize,renew', '--json', results)
    assert.equal(code, 0, err)
    assert.match(out, /^12 products with 2 shared RSA keys over Smart Transport to https:/)
    for (const kind of ['register', 'authorize', 'renew']) assert.match(out, new RegExp(`^${kind} +12 done, [\\d.]+/s; p50 `, 'm'))
    assert.match(out, /The fleet itself took [\d.]+ s of processor time/)
    const { kinds, cpu } = JSON.parse(readFileSync(results, 'utf8'))
    assert.equal(kinds.renew.done, 12)
    assert.ok(cpu.user > 0 && kinds.authorize.latency.p99 >= kinds.authorize.latency.p50)
  })

  it('is the same fleet in its next run', async () => {
    await run('fleet', '--count', '5', '--keys', '2', '--mix', 'register')
    const again = await run(
      'fleet',
      '--count',
      '6',
      '--seconds',
      '0.5',
      '--mix',
      'authorize:3,renew',
      '--transport',
      'callhome',
      '--keep-alive',
    )
    assert.equal(again.code, 0, again.err + again.out)
    assert.match(again.out, /^1 registered beforehand, not measured\.$/m)
    assert.match(again.out, /^authorize +\d+ done/m)
  })

  it('is a fleet that does not forget the products that were not in its last run', async () => {
    const words = ['--keys', '2', '--mix', 'authorize']
    assert.equal((await run('fleet', '--count', '5', '--keys', '2', '--mix', 'register')).code, 0)
    assert.equal((await run('fleet', '--count', '2', ...words)).code, 0)
    const all = await run('fleet', '--count', '5', ...words)
    assert.equal(all.code, 0, all.err + all.out)
    assert.doesNotMatch(all.out, /registered beforehand/)
  })

  it('is a fleet that says what it was refused', async () => {
    const { code, out } = await run('fleet', '--count', '3', '--keys', '1', '--mix', 'register', '--token', 'nonsense')
    assert.equal(code, 1)
    assert.match(out, /^register +0 done, 0\.0\/s; .* 3 refused \(TOKEN_INVALID\)$/m)
  })
})
