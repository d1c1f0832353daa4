import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { profiles } from '../../appliance/actions/action.ts'
import { readAnswers } from '../../appliance/install/answers.ts'
import { deedsFor } from '../../appliance/install/deeds.ts'
import { networkText } from '../../appliance/install/network.ts'
import { install, uninstall } from '../../appliance/install/run.ts'
import { type PretendedHost, pretendedHost } from './pretendedHost.ts'

const asking = /^(dpkg --get|find |pg_lsclusters|systemctl (is-|show)|psql .*select|nft list|dpkg-statoverride --list)/

describe('the installer', () => {
  let host: PretendedHost
  let log: string[]
  const say = (line: string) => void log.push(line)
  const installed = (isDry = false) => install(deedsFor(host), host, { isDry, say })
  beforeEach(() => {
    log = []
  })
  afterEach(() => host.remove())

  for (const profile of profiles) {
    describe(`in the ${profile} profile`, () => {
      beforeEach(() => {
        host = pretendedHost({ profile })
      })

      it('says every deed in a dry run, and changes nothing', () => {
        const before = host.files()
        assert.ok(installed(true) > 40)
        assert.deepEqual(host.files(), before)
        assert.deepEqual(
          host.ran.filter(line => !asking.test(line)),
          [],
        )
      })

      it('has nothing left to do when it runs again', () => {
        installed()
        host.ran.length = 0
        assert.equal(installed(), 0, log.join('\n'))
        assert.equal(log.at(-1), 'Everything is as it should be.')
        assert.deepEqual(
          host.ran.filter(line => !asking.test(line)),
          [],
        )
      })

      it('leaves nothing behind when it is removed with its data', () => {
        const before = host.files()
        installed()
        host.deletesData = true
        uninstall(deedsFor(host), host, say)
        assert.ok(
          host.ran.some(line => /^apt-get .*purge.* keepalived/.test(line)),
          'the packages that it brought go',
        )
        const after = host.files()
        const folders = (files: Record<string, string>) =>
          Object.keys(files).filter(path => existsSync(join(host.folder, path)) && statSync(join(host.folder, path)).isFile())
        assert.deepEqual(folders(after), folders(before))
        for (const path of folders(before).filter(path => path !== 'etc/group')) assert.equal(after[path], before[path], path)
      })

      it('keeps keys, settings and backups when it is removed without the word', () => {
        installed()
        writeFileSync(host.at('/var/lib/quartermaster/backups/one.qmb'), 'sealed')
        const key = readFileSync(host.at('/etc/quartermaster/keys/server.key'))
        uninstall(deedsFor(host), host, say)
        assert.deepEqual(readFileSync(host.at('/etc/quartermaster/keys/server.key')), key)
        assert.equal(readFileSync(host.at('/var/lib/quartermaster/backups/one.qmb'), 'utf8'), 'sealed')
        assert.ok(!host.ran.some(line => /pg_dropcluster|purge/.test(line)))
        assert.ok(!existsSync(host.at('/etc/systemd/system/quartermaster.service')))
        installed()
        assert.deepEqual(readFileSync(host.at('/etc/quartermaster/keys/server.key')), key, 'it goes on with what is there')
      })

      it('makes nothing for an image that would make two machines alike', () => {
        host.forImage = true
        host.hasServices = false
        installed()
        assert.ok(!existsSync(host.at('/etc/quartermaster/keys/server.key')))
        assert.ok(!host.ran.some(line => /pg_createcluster|psql/.test(line)))
      })
    })
  }

  it('gives keys and settings to whom they belong to, and nobody else', () => {
    host = pretendedHost({ profile: 'stig' })
    installed()
    const modeOf = (path: string) => (statSync(host.at(path)).mode & 0o777).toString(8)
    assert.equal(modeOf('/etc/quartermaster/keys'), '700')
    assert.equal(modeOf('/etc/quartermaster/keys/server.key'), '600')
    assert.equal(modeOf('/etc/quartermaster/settings.env'), '640')
    assert.equal(modeOf('/var/lib/quartermaster/backups'), '700')
    assert.equal(statSync(host.at('/etc/quartermaster/keys/server.key')).size, 32)
  })

  it("keeps an operator's settings, and the release that an upgrade has made current", () => {
    host = pretendedHost({ profile: 'standard' })
    installed()
    writeFileSync(host.at('/etc/quartermaster/settings.env'), 'QUARTERMASTER_DEVICE_HTTP_PORT=8080\nQUARTERMASTER_LOG_LEVEL=debug\n')
    installed()
    const lines = readFileSync(host.at('/etc/quartermaster/settings.env'), 'utf8').split('\n')
    assert.deepEqual(lines.slice(0, 2), ['QUARTERMASTER_DEVICE_HTTP_PORT=8080', 'QUARTERMASTER_LOG_LEVEL=debug'])
    assert.ok(lines.includes('QUARTERMASTER_DATA=/var/lib/quartermaster'))
    assert.equal(lines.filter(line => line.startsWith('QUARTERMASTER_DEVICE_HTTP_PORT')).length, 1)
  })

  it('makes the console the only shell of the STIG profile, and a command of the Standard profile', () => {
    host = pretendedHost({ profile: 'stig' })
    installed()
    assert.match(readFileSync(host.at('/etc/passwd'), 'utf8'), /^admin:.*:\/usr\/local\/bin\/quartermaster-console$/m)
    assert.ok(!existsSync(host.at('/usr/local/bin/console')))
    host.remove()
    host = pretendedHost({ profile: 'standard' })
    installed()
    assert.match(readFileSync(host.at('/etc/passwd'), 'utf8'), /^admin:.*:\/bin\/bash$/m)
    assert.ok(existsSync(host.at('/usr/local/bin/console')))
  })

  it('starts the console with an environment of its own', () => {
    host = pretendedHost({ profile: 'stig' })
    installed()
    const program = readFileSync(host.at('/usr/local/bin/quartermaster-console'), 'utf8').replace(
      /\/opt\/quartermaster\/current\/bin\/node.*/,
      '/usr/bin/env',
    )
    const hostile = {
      NODE_OPTIONS: '--require /tmp/x',
      LD_PRELOAD_: 'x',
      PAGER: '/bin/sh',
      TERM: 'vt100',
      SSH_CONNECTION: 'a b; id',
      NO_COLOR: 'yes',
    }
    const { stdout } = spawnSync('sh', ['-c', program], { encoding: 'utf8', env: hostile })
    const names = stdout.split('\n').map(line => line.split('=')[0])
    assert.ok(!names.some(name => /NODE_OPTIONS|LD_|PAGER/.test(name!)), stdout)
    assert.match(stdout, /^SSH_CONNECTION=a b; id$/m)
    assert.match(stdout, /^TERM=vt100$/m)
  })

  it('stops at the deed that fails, with its sentence, and goes on from there', () => {
    host = pretendedHost({ profile: 'standard' })
    const run = host.run
    host.run = (program, args) => (program === 'pg_createcluster' ? { code: 2, said: 'no space left' } : run(program, args))
    assert.throws(
      () => installed(),
      /The PostgreSQL cluster quartermaster exists.*This could not be done: pg_createcluster .* no space left/,
    )
    host.run = run
    assert.ok(installed() < 30)
  })
})

describe('the answers of whoever installs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-answers-'))
  const file = join(folder, 'answers.json')
  const good = { hostName: 'qm.example.net', consolePassword: 'Blue-Harbor-47-tree', administrator: 'alice' }
  const write = (values: object, mode = 0o600) => {
    writeFileSync(file, JSON.stringify(values))
    chmodSync(file, mode)
  }
  after(() => rmSync(folder, { recursive: true }))

  it('are taken from a file of root alone', () => {
    write(good)
    assert.deepEqual(readAnswers(file, 'stig'), good)
    write(good, 0o644)
    assert.throws(() => readAnswers(file, 'stig'), /others may read it. Say: chmod 600/)
  })

  it('are refused by name', () => {
    write({ ...good, hostName: 'a b', extra: 1 })
    assert.throws(() => readAnswers(file, 'standard'), /hostName/)
    write({ ...good, network: { method: 'fixed', interface: 'ens3', address: '192.0.2.10', gateway: '192.0.2.1', nameServers: [] } })
    assert.throws(() => readAnswers(file, 'standard'), /network.address/)
  })

  it('have a password that the profile takes', () => {
    write({ ...good, consolePassword: 'blueharbortrees' })
    assert.equal(readAnswers(file, 'standard').consolePassword, 'blueharbortrees')
    assert.throws(() => readAnswers(file, 'stig'), /consolePassword: Mix at least 4/)
  })

  it('become what systemd-networkd reads', () => {
    const network = {
      method: 'fixed',
      interface: 'ens3',
      address: '2001:db8::10/64',
      gateway: '2001:db8::1',
      nameServers: ['2001:db8::53'],
    } as const
    assert.match(
      networkText({ ...network, nameServers: [...network.nameServers] }),
      /Name=ens3[\s\S]*Address=2001:db8::10\/64\nGateway=2001:db8::1\nDNS=2001:db8::53/,
    )
    assert.match(networkText({ method: 'automatic' }), /DHCP=yes/)
  })
})

describe('the units', () => {
  const folder = fileURLToPath(new URL('../../appliance/systemd/', import.meta.url))

  it('leave the server next to nothing of the machine: an exposure below 2.0', function () {
    const { stdout, error } = spawnSync('systemd-analyze', ['security', '--offline=true', join(folder, 'quartermaster.service')], {
      encoding: 'utf8',
    })
    if (error) this.skip()
    const exposure = Number(/exposure level for quartermaster.service: ([\d.]+)/.exec(stdout)?.[1])
    assert.ok(exposure < 2, `${exposure}`)
  })
})
