import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { Action } from '../../appliance/actions/action.ts'
import { applianceFolders } from '../../appliance/actions/folders.ts'
import { ledger } from '../../appliance/actions/ledger.ts'
import type { Machine, Progress, Ran } from '../../appliance/actions/machine.ts'
import { redact, redactSettings } from '../../appliance/actions/redact.ts'
import { run } from '../../appliance/actions/run.ts'
import { Refusal } from '../../src/rules/refusal.ts'
import { newFolder } from '../support/folders.ts'

const deed = (name: string): Action => {
  const found = ledger.find(each => each.name === name)
  assert.ok(found, `"${name}" stands in the ledger`)
  return found
}

/** What an operator typed, as the helper hands it to the deed: looked at by the deed's own schema first. */
const typed = (action: Action, input: object) => action.input.parse(input)

type Answers = (program: string, args: readonly string[]) => Partial<Ran> | undefined

/** A machine that writes down what it was told to run, and answers what the test says. */
function recorded(root: string, answers: Answers = () => undefined) {
  const ran: string[][] = []
  const told: Progress[] = []
  const machine: Machine = {
    profile: 'standard',
    folders: applianceFolders(root),
    appliance: true,
    now: () => new Date('2026-11-24T14:00:00Z'),
    tell: progress => void told.push(progress),
    jobs: { list: () => [], attach: async () => null },
    signal: new AbortController().signal,
    async run(program, args, options) {
      ran.push([program, ...args])
      const { code = 0, out = '', err = '' } = answers(program, args) ?? {}
      for (const line of out.split('\n').filter(Boolean)) options?.onLine?.(line, 'out')
      return { code, out, err }
    },
  }
  return { machine, ran, told }
}

describe('the deeds of an operator', () => {
  let root: string
  let umask: number
  beforeEach(() => {
    // As the helper's unit says.
    umask = process.umask(0o077)
    root = newFolder('host')
    for (const folder of ['etc/quartermaster', 'var/lib/quartermaster/patches', 'run', 'opt/quartermaster'])
      mkdirSync(join(root, folder), { recursive: true })
  })
  afterEach(() => {
    process.umask(umask)
    rmSync(root, { recursive: true, force: true })
  })
  const refused = (words: RegExp) => (error: unknown) => {
    assert.ok(error instanceof Refusal || error instanceof z.ZodError, String(error))
    assert.match(error.message, words)
    return true
  }

  it('upgrades from a file of patches:, by a program of its own, and passes on what it says', async () => {
    writeFileSync(join(root, 'var/lib/quartermaster/patches/new.qmr'), 'x')
    const progress = '{"progress":{"step":"unpack","done":5,"of":9}}\n'
    const { machine, ran, told } = recorded(root, (_program, [, verb]) =>
      verb === 'apply'
        ? { out: `${progress}{"result":{"outcome":"done"}}\n` }
        : { code: 1, out: '{"error":{"code":"FILE_OLD","message":"It is older."}}\n' },
    )
    const apply = deed('upgrade')
    assert.equal(apply.confirm?.({}), 'upgrade')
    assert.deepEqual(await apply.run(typed(apply, { file: 'patches:new.qmr' }), machine), { outcome: 'done' })
    assert.deepEqual(told, [{ step: 'unpack', done: 5, of: 9 }])
    assert.deepEqual(ran[0]!.slice(1), [
      join(machine.folders.code, 'appliance/upgrade/main.ts'),
      'apply',
      join(root, 'var/lib/quartermaster/patches/new.qmr'),
    ])
    const check = deed('upgrade check')
    await assert.rejects(check.run(typed(check, { file: 'patches:new.qmr' }), machine), refused(/It is older/))
    await assert.rejects(async () => check.run(typed(check, { file: 'patches:../new.qmr' }), machine), refused(/no path/))
    assert.throws(() => typed(check, { file: '/etc/passwd' }), refused(/patches:NAME/))
  })

  it('fetches a release over HTTPS, from whom the server believes, and keeps nothing of what does not come whole', async function () {
    if (!existsSync('/usr/bin/curl')) this.skip()
    const [key, cert] = [join(root, 'key.pem'), join(root, 'cert.pem')]
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    })
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) =>
      request.url === '/there/new.qmr'
        ? response.end('a release')
        : response.writeHead(request.url === '/away.qmr' ? 302 : 404, { location: 'http://localhost/x.qmr' }).end(),
    ).listen(0)
    await once(server, 'listening')
    const at = `https://localhost:${(server.address() as { port: number }).port}`
    let authorities = [readFileSync(cert, 'utf8')]
    const recording = recorded(root)
    const { signal } = recording.machine
    const machine: Machine = {
      ...recording.machine,
      run: async (program, args, options) =>
        program === '/usr/bin/curl'
          ? run(program, args, { ...options, signal })
          : { code: 0, out: JSON.stringify({ proxy: null, authorities }), err: '' },
    }
    const fetched = (address: string) => deed('upgrade fetch').run(typed(deed('upgrade fetch'), { address }), machine)
    const patches = join(root, 'var/lib/quartermaster/patches')
    assert.deepEqual(await fetched(`${at}/there/new.qmr`), { file: 'patches:new.qmr', bytes: 9 })
    assert.equal(readFileSync(join(patches, 'new.qmr'), 'utf8'), 'a release')
    await assert.rejects(fetched(`${at}/missing.qmr`), refused(/404/))
    await assert.rejects(fetched(`${at}/away.qmr`), refused(/http.* (not supported|disabled)/i))
    authorities = []
    await assert.rejects(fetched(`${at}/there/new.qmr`), refused(/certificate/))
    assert.deepEqual(readdirSync(patches), ['new.qmr'])
    for (const address of [
      'http://localhost/x.qmr',
      'file:///etc/passwd',
      'https://ada:word@localhost/x.qmr',
      'https://localhost/x.tar',
      'https://localhost/..%2fx.qmr',
      '-o/etc/x',
    ])
      await assert.rejects(async () => fetched(address), refused(/./), address)
    server.close()
  })

  it('sets the network on trial, appoints who takes it back first, and keeps it once it is confirmed', async () => {
    const { machine, ran } = recorded(root)
    const set = deed('network_manager')
    const form = {
      interface: 'eth7',
      method: 'manual',
      addresses: ['192.0.2.10/24', '2001:db8::10/64'],
      gateways: ['192.0.2.1'],
      nameServers: ['192.0.2.53'],
    }
    const answer = await set.run(typed(set, form), machine)
    assert.deepEqual(answer, { interface: 'eth7', state: 'on trial', takenBackInSeconds: 120, confirmWith: 'network_manager confirm' })
    const trial = join(root, 'run/systemd/network/05-quartermaster-trial.network')
    const text =
      '[Match]\nName=eth7\n\n[Network]\nDHCP=no\nIPv6AcceptRA=no\nAddress=192.0.2.10/24\nAddress=2001:db8::10/64\nGateway=192.0.2.1\nDNS=192.0.2.53\n'
    assert.equal(readFileSync(trial, 'utf8'), text)
    // systemd-networkd, which is a user of its own, has to come to it.
    assert.equal(statSync(dirname(trial)).mode & 0o777, 0o755)
    const programs = ran.map(([program, first]) => `${program!.split('/').at(-1)} ${first}`)
    assert.ok(programs.indexOf('systemd-run --quiet') < programs.indexOf('networkctl reload'))
    assert.ok(ran.some(words => ['--on-active=120', '--timer-property=AccuracySec=1s', trial].every(word => words.includes(word))))
    await assert.rejects(set.run(typed(set, form), machine), refused(/waits to be confirmed/))

    assert.deepEqual(await deed('network_manager confirm').run({}, machine), { interface: 'eth7', state: 'kept' })
    assert.equal(existsSync(trial), false)
    assert.equal(readFileSync(join(root, 'etc/systemd/network/07-quartermaster-eth7.network'), 'utf8'), text)
    await assert.rejects(deed('network_manager undo').run({}, machine), refused(/may have been taken back/))
  })

  it('changes nothing of the network where nobody could take it back, or others set it up', async () => {
    const set = deed('network_manager')
    const form = typed(set, { interface: 'eth7', method: 'automatic' })
    for (const [failing, words] of [
      ['systemd-run', /nothing was changed/],
      ['systemctl', /left to them/],
    ] as const) {
      const { machine } = recorded(root, program => (program.endsWith(failing) ? { code: 1 } : undefined))
      await assert.rejects(set.run(form, machine), refused(words))
      assert.deepEqual(readdirSync(join(root, 'run')), [])
    }
    const { machine } = recorded(root, (_program, words) => (words.includes('systemd-resolved.service') ? { code: 3 } : undefined))
    await assert.rejects(set.run({ ...form, nameServers: ['192.0.2.53'] }, machine), refused(/stand in \/etc\/resolv\.conf/))
    assert.deepEqual(readdirSync(join(root, 'run')), [])
  })

  it('refuses a network that reaches nobody, and whatever could be more than a name', async () => {
    const set = deed('network_manager')
    const { machine, ran } = recorded(root)
    for (const [form, words] of [
      [{ method: 'manual' }, /at least one address/],
      [{ method: 'automatic', addresses: ['192.0.2.1/24'] }, /come from the network/],
      [{ method: 'manual', addresses: ['192.0.2.1/24'], gateways: ['192.0.2.254', '192.0.2.253'] }, /one gateway of each kind/],
      [{ method: 'manual', addresses: ['192.0.2.1/24'], gateways: ['2001:db8::1'] }, /its own kind/],
      [{ method: 'manual', addresses: ['192.0.2.1'] }, /length of its network/],
      [{ method: 'manual', addresses: ['192.0.2.1/33'] }, /length of its network/],
      [{ method: 'manual', addresses: ['192.0.2.1/24\nDNS=6.6.6.6'] }, /length of its network/],
      [{ method: 'automatic', interface: 'eth0\n[Network]' }, /name of an interface/],
      [{ method: 'automatic', interface: '../../etc/passwd' }, /name of an interface/],
    ] as const)
      await assert.rejects(async () => set.run(typed(set, { interface: 'eth7', ...form }), machine), refused(words), JSON.stringify(form))
    assert.deepEqual(ran, [])
    for (const name of ['hostname', 'ping', 'traceroute', 'nslookup'])
      for (const word of ['-f', '--help', '$(id)', 'a;b', 'a b', '`id`', '../x', 'a\nb', ''])
        assert.throws(() => typed(deed(name), { host: word, name: word }), `${name} ${word}`)
    for (const zone of ['../../etc/shadow', '-h', 'Europe/../x', 'A B']) assert.throws(() => typed(deed('timezone'), { zone }), zone)
    for (const to of ['tomorrow', '2026-11-24', '--set=now']) assert.throws(() => typed(deed('date'), { to }), to)
  })

  it('names the machine anew, for itself too', async () => {
    writeFileSync(join(root, 'etc/hosts'), '127.0.0.1\tlocalhost\n127.0.1.1\told.example.com old\n::1\tlocalhost')
    const { machine, ran } = recorded(root)
    await deed('hostname').run(typed(deed('hostname'), { name: 'license-1.example.com' }), machine)
    assert.deepEqual(ran, [['/usr/bin/hostnamectl', 'set-hostname', '--', 'license-1.example.com']])
    assert.equal(
      readFileSync(join(root, 'etc/hosts'), 'utf8'),
      '127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\tlicense-1.example.com license-1\n',
    )
  })

  it('names time servers and says how they are heard; and sets the clock only where none is', async () => {
    mkdirSync(join(root, 'etc/chrony/sources.d'), { recursive: true })
    const heard = '^,*,192.0.2.123,2,6,377,21,0.000012,0.000012,0.001\n^,?,192.0.2.124,0,6,0,4294967295,0.0,0.0,0.0\n'
    const { machine, ran } = recorded(root, program => (program.endsWith('chronyc') ? { out: heard } : { out: 'yes\n' }))
    const { sources } = (await deed('ntp').run(typed(deed('ntp'), { servers: ['192.0.2.123', 'time.example.com'] }), machine)) as {
      sources: object[]
    }
    assert.deepEqual(sources[0], { server: '192.0.2.123', standing: 'followed', stratum: 2, heardSecondsAgo: 21, offsetSeconds: 0.000012 })
    const silent = { stratum: null, heardSecondsAgo: null, offsetSeconds: null }
    assert.deepEqual(sources[1], { server: '192.0.2.124', standing: 'not heard', ...silent })
    assert.equal(
      readFileSync(join(root, 'etc/chrony/sources.d/quartermaster.sources'), 'utf8'),
      'server 192.0.2.123 iburst\nserver time.example.com iburst\n',
    )
    assert.equal(statSync(join(root, 'etc/chrony/sources.d/quartermaster.sources')).mode & 0o777, 0o644)
    await assert.rejects(
      deed('date').run(typed(deed('date'), { to: '2026-11-24 15:00:00' }), machine),
      refused(/A time server is followed/),
    )
    assert.ok(!ran.some(([program]) => program === '/usr/bin/date'))
    assert.deepEqual(await deed('date').run({}, machine), { now: '2026-11-24T14:00:00.000Z', synchronized: true })
  })

  it('reads what ping, traceroute and the resolver say', async () => {
    const said: Record<string, string> = {
      ping: '4 packets transmitted, 3 received, 25% packet loss\nrtt min/avg/max/mdev = 0.1/0.25/0.4/0.1 ms\n',
      traceroute: 'traceroute to x (192.0.2.9), 20 hops max\n 1  192.0.2.1  0.411 ms\n 2  *\n 3  192.0.2.9  1.2 ms\n',
      getent: '192.0.2.9      STREAM x.example.com\n192.0.2.9      DGRAM\n2001:db8::9    STREAM\n',
    }
    const { machine } = recorded(root, program => ({ out: said[program.split('/').at(-1)!] ?? '' }))
    const run = (name: string) => deed(name).run(typed(deed(name), { host: 'x.example.com' }), machine)
    assert.deepEqual(await run('ping'), { answers: true, sent: 4, received: 3, averageMilliseconds: 0.25 })
    assert.deepEqual(((await run('traceroute')) as { hops: unknown[] }).hops, [
      { hop: 1, address: '192.0.2.1', milliseconds: 0.411 },
      { hop: 2, address: null, milliseconds: null },
      { hop: 3, address: '192.0.2.9', milliseconds: 1.2 },
    ])
    assert.deepEqual(await run('nslookup'), { name: 'x.example.com', found: ['192.0.2.9', '2001:db8::9'] })
  })

  it('asks for a typed word before the machine goes down', async () => {
    const { machine, ran } = recorded(root)
    for (const [name, verb] of [
      ['reboot', 'reboot'],
      ['shutdown', 'poweroff'],
    ] as const) {
      assert.equal(deed(name).confirm?.({}), name)
      await deed(name).run({}, machine)
      assert.deepEqual(ran.at(-1), ['/usr/bin/systemctl', '--no-block', verb])
    }
  })

  it('puts a bundle together for whoever helps, in which no secret stands', async () => {
    const secrets = {
      database: 'pw-of-the-database-1',
      key: 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00',
      token: 'NDQ0NGY0YjYtYTY1Zi00MTQ2LThhMmItN2Y0YzZkMGQ3YTQx',
      bearer: 'eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl',
      proxy: 'proxyword9',
      typed: 'hunter2-hunter2',
    }
    mkdirSync(join(root, 'etc/quartermaster/keys'))
    writeFileSync(join(root, 'etc/quartermaster/keys/server.key'), `${secrets.key}\n`)
    writeFileSync(join(root, 'etc/os-release'), 'NAME=Debian\n')
    writeFileSync(
      join(root, 'etc/quartermaster/settings.env'),
      `QUARTERMASTER_HTTPS_PORT=8443\nDATABASE_URL=postgresql://quartermaster:${secrets.database}@localhost/q\nQUARTERMASTER_SERVER_KEY=/etc/x\n`,
    )
    const log = [
      'Nov 24 ready',
      `could not reach postgresql://quartermaster:${secrets.database}@localhost/q`,
      `read ${secrets.key}`,
      `{"level":30,"token":"${secrets.token}","password":"${secrets.typed}"}`,
      `authorization: Bearer ${secrets.bearer}`,
      `proxy http://ada:${secrets.proxy}@proxy:3128`,
      `idtoken ${secrets.token} used`,
      `the password is ${secrets.database}`,
      '-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----',
    ].join('\n')
    const { machine } = recorded(root, program =>
      program.endsWith('journalctl') ? { out: log } : program.endsWith('node') ? { code: 1, err: 'down' } : { out: '[]' },
    )
    const { file } = (await deed('support_bundle').run({}, machine)) as { file: string }
    const path = join(root, 'var/lib/quartermaster/backups', file.replace('backups:', ''))
    const all = execFileSync('tar', ['xzOf', path]).toString()
    for (const [name, secret] of Object.entries(secrets)) assert.ok(!all.includes(secret), `${name} stands in the bundle`)
    assert.doesNotMatch(all, /MIIabc/)
    for (const there of [
      'Nov 24 ready',
      'QUARTERMASTER_HTTPS_PORT=8443',
      'QUARTERMASTER_SERVER_KEY=[left out]',
      'NAME=Debian',
      'This could not be had: down',
    ])
      assert.ok(all.includes(there), there)
  })

  it('leaves alone what is no secret', () => {
    const plain =
      'Release 0.3.0 at 2026-11-24T14:00:00.000Z, account 0a1b2c3d-0000-4000-8000-000000000001, port 8443, /opt/quartermaster/releases/0.3.0/src/server.ts\n'
    assert.equal(redact(plain), plain)
    assert.equal(redactSettings('# a comment\nQUARTERMASTER_LISTEN=::\n'), '# a comment\nQUARTERMASTER_LISTEN=::\n')
  })
})
