import assert from 'node:assert/strict'
import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Profile, profiles } from '../../appliance/actions/action.ts'
import { makeRelease } from '../../appliance/release/makeRelease.ts'
import { newReleaseKey } from '../../appliance/release/releaseKey.ts'
import { installer, makeApplianceRoot } from '../support/applianceRoot.ts'
import { bootDebian, type DebianMachine } from '../support/debianMachine.ts'
import { until } from '../support/until.ts'

/**
 * `npm run appliance:try [-- standard|stig]`: a release is made from this tree and installed in a bare Debian 12 that runs with systemd in a namespace.
 * Each step is asserted and said. It takes root, debootstrap, systemd-nspawn and Debian's mirror, and leaves nothing but the archive of the bare Debian.
 */
const source = join(import.meta.dirname, '../..')
const version = '0.9.0'
const began = performance.now()
const say = (words: string) => void process.stdout.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`)

async function main(wanted: readonly Profile[]): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'quartermaster-try-'))
  try {
    const { path } = await makeRelease({
      source,
      version,
      createdAt: new Date(0),
      key: newReleaseKey().privateKey,
      folder: scratch,
      node: { file: process.execPath, version: process.version.slice(1) },
    })
    say(`A release of ${Math.round(statSync(path).size / 1e6)} MB is made.`)
    for (const profile of wanted) await tryProfile(profile, path, join(scratch, profile))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function tryProfile(profile: Profile, archive: string, folder: string): Promise<void> {
  makeApplianceRoot(folder, 'try', profile, archive)
  const machine = await bootDebian(folder, 'try')
  say(`${profile}: a bare Debian is up.`)
  try {
    await installed(machine, profile)
    await serves(machine, profile)
    isClosed(machine)
    await survivesRestart(machine)
    removed(machine)
  } finally {
    await machine.stop()
  }
}

let before: string[] = []

async function installed(machine: DebianMachine, profile: Profile): Promise<void> {
  before = filesOf(machine)
  machine.must(installer, '--dry-run', '--profile', profile)
  assert.deepEqual(filesOf(machine), before)
  say('The dry run changed nothing.')
  const log = machine.must(installer, '--profile', profile, '--answers', '/root/answers.json')
  assert.match(log, /Password {5}\S{20,}/)
  say(`Installed: ${/\d+ of \d+ deeds were done/.exec(log)?.[0]}.`)
  const again = machine.must(installer)
  assert.match(again, /^Everything is as it should be\.\n$/, again)
  say('Installed again: nothing was left to do.')
  assert.equal(machine.must('cat', '/etc/quartermaster/profile').trim(), profile)
}

async function serves(machine: DebianMachine, profile: Profile): Promise<void> {
  const page = () => machine.beside('curl', '-skL', '--max-time', '20', `https://${machine.address}:8443/`)
  await until(() => page().out.includes('Sign in'), 120_000)
  say('The sign-in page is seen from another host.')
  const summary = machine.must('/opt/quartermaster/current/bin/node', '/root/registerProduct.ts')
  assert.match(summary, /REGISTERED|Registered/i, summary)
  say('A product registered over TLS on port 443.')
  const failed = machine.must('systemctl', '--failed', '--no-legend', '--plain')
  const names = failed.split('\n').flatMap(line => line.split(' ')[0] || [])
  // The kernel gives its audit to the machine alone, and to no namespace.
  assert.deepEqual(names, profile === 'stig' ? ['auditd.service'] : [])
  const verified = machine.run(
    'systemd-analyze',
    'verify',
    ...[
      'quartermaster.service',
      'quartermaster-helper.service',
      'quartermaster-helper-console.socket',
      'quartermaster-helper-server.socket',
    ],
  )
  assert.equal(verified.out.trim(), '')
  const exposures = ourServices.map(name => ({ name, exposure: exposureOf(machine, name) }))
  assert.ok(exposures[0]!.exposure < 2)
  say(`No unit failed${names.map(name => ` but ${name}, which cannot run in a namespace`)}; systemd finds no fault in ours.`)
  say(`Exposure: ${exposures.map(({ name, exposure }) => `${name} ${exposure}`).join(', ')}.`)
}

/** "exposure below 2.0 for the … servers": the server's comes first. */
const ourServices = ['quartermaster', 'quartermaster-helper', 'quartermaster-upgrade', 'quartermaster-ha']
const exposureOf = (machine: DebianMachine, name: string) =>
  Number(/exposure level for \S+: ([\d.]+)/.exec(machine.must('systemd-analyze', 'security', `${name}.service`))?.[1])

/** What another host reaches, and what a stranger on the machine does. */
function isClosed(machine: DebianMachine): void {
  const isOpen = (port: number) => machine.beside('timeout', '10', 'bash', '-c', `exec 3<>/dev/tcp/${machine.address}/${port}`).code === 0
  const ports = [22, 80, 111, 123, 323, 443, 5432, 8443, 8444].filter(isOpen)
  assert.deepEqual(ports, [22, 80, 443, 8443])
  say('From another host 22, 80, 443 and 8443 are open, and nothing else that was tried.')
  const asNobody = (...words: string[]) => machine.run('setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', ...words)
  for (const path of ['/etc/quartermaster/settings.env', '/etc/quartermaster/keys/server.key', '/var/lib/quartermaster/backups']) {
    assert.notEqual(asNobody('ls', path).code, 0, path)
  }
  assert.notEqual(asNobody('psql', '-h', '/run/postgresql', '-U', 'quartermaster', 'quartermaster', '-c', 'select 1').code, 0)
  const ask = (user: string, group: string, socket: string) => {
    const program = `const s = require('net').connect('/run/quartermaster/${socket}.sock', () => s.end(JSON.stringify({ action: 'uptime', input: {} }) + '\\n')); s.on('error', e => { console.log(e.code); process.exit(1) }); s.pipe(process.stdout)`
    return machine.run(
      'setpriv',
      `--reuid=${user}`,
      `--regid=${group}`,
      '--clear-groups',
      '/opt/quartermaster/current/bin/node',
      '-e',
      program,
    )
  }
  assert.match(ask('nobody', 'nogroup', 'console').out, /EACCES/)
  assert.match(ask('quartermaster', 'quartermaster', 'console').out, /EACCES/)
  assert.match(ask('admin', 'quartermaster-console', 'server').out, /EACCES/)
  const answered = ask('admin', 'quartermaster-console', 'console').out
  assert.match(answered, /"answer"/, answered)
  say('A stranger reads no key, no setting and no table; the helper answers the console through its socket, and nobody through the other.')
}

async function survivesRestart(machine: DebianMachine): Promise<void> {
  await machine.restart()
  const url = `https://${machine.address}:8443/health/ready`
  const status = () => machine.beside('curl', '-sk', '--max-time', '20', '-o', '/dev/null', '-w', '%{http_code}', url).out
  await until(() => status() === '200', 180_000)
  assert.match(machine.must('nft', 'list', 'table', 'inet', 'quartermaster'), /policy drop/)
  say('After a restart it serves by itself, behind its firewall.')
}

function removed(machine: DebianMachine): void {
  // The laboratory's cloud and product are the trial's.
  rmSync(join(machine.folder, 'var/lib/quartermaster-laboratory'), { recursive: true })
  machine.must(installer, '--uninstall', '--delete-data')
  const left = filesOf(machine).filter(path => !before.includes(path))
  assert.deepEqual(
    left.filter(path => /quartermaster|postgres/i.test(path)),
    [],
  )
  assert.equal(machine.must('getent', 'passwd').match(/^(quartermaster|admin):/m), null)
  say(
    `Removed: nothing of it is left.${left.length > 0 ? ` Debian's own packages left ${left.length} files: ${left.slice(0, 8).join(' ')} …` : ''}`,
  )
}

const watched = ['etc', 'opt', 'usr/local', 'usr/share/pam-configs', 'home', 'root', 'var/lib', 'var/log']
const filesOf = ({ folder }: DebianMachine) =>
  watched
    .flatMap(place => globSync(`${place}/**`, { cwd: folder }))
    .filter(path => !/^(root\/|var\/lib\/(dpkg|apt|systemd|private)|var\/log\/(journal|apt)|etc\/.*-$)/.test(path))
    .sort()

const words = process.argv.slice(2)
await main(words.length > 0 ? profiles.filter(each => words.includes(each)) : profiles)
