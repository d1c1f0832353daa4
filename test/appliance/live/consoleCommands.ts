import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { linkOf } from '../../support/debianMachine.ts'
import { type Operator, openOperator, patience, sshWords } from '../../support/operator.ts'
import { until } from '../../support/until.ts'
import { machineName } from './makeMachine.ts'
import { atTheConsole, consoles, identified, type Trial, untilReady } from './trial.ts'

const passphrase = 'a passphrase of the trial'
const link = linkOf(machineName)

const subjects = { looks, logs, backups, network, time, certificates, people, trail, services }

/**
 * Every command of the console that is not for a pair, over SSH at 80 columns and 24 rows, and what each did to the machine. A subject that went wrong says
 * nothing of the others: they go on with a console of their own, and it fails at the end.
 */
export async function consoleCommands(trial: Trial): Promise<void> {
  const began = performance.now()
  let operator = await atTheConsole(trial, 'console')
  const seconds = (performance.now() - began) / 1000
  const wrong: string[] = []
  try {
    const megabytes = consoles(trial).map(({ pid }) => /VmRSS:\s+(\d+)/.exec(trial.machine.must('cat', `/proc/${pid}/status`))![1]!)
    trial.say(`Signed in and drawn in ${seconds.toFixed(1)} s; it takes ${Math.round(Number(megabytes[0]) / 1000)} MB.`)
    for (const [name, work] of Object.entries(subjects))
      try {
        await work(trial, operator)
      } catch (error) {
        wrong.push(name)
        trial.say(`${name}: went wrong. ${(error as Error).stack}`)
        operator.close()
        operator = await atTheConsole(trial, `console after ${name}`)
      }
  } finally {
    operator.close()
  }
  await plainTerminals(trial)
  await power(trial)
  if (wrong.length > 0) throw new Error(`These went wrong: ${wrong.join(', ')}.`)
}

async function looks(_: Trial, { does }: Operator): Promise<void> {
  assert.match(await does('status', /Up since/, { limit: 60_000 }), /server +running/)
  assert.match(await does('version', /First installed/), /0\.9\.0/)
  assert.match(await does('uptime', /Load/), /Up since/)
  assert.match(await does('alerts', /None\.|Severity/), /alerts/)
  await does('services', /database +running/)
  await does('help', /status/)
  await does('job list', /None\.|Started/)
  await does('backup list', /None\./)
}

async function logs({ machine, say }: Trial, operator: Operator): Promise<void> {
  assert.match(await operator.does('logs server --lines 20', /Ready \(https 8443/), /logs/)
  operator.type('logs ssh --follow --lines 1')
  operator.press('Enter')
  await operator.shows(/sshd/, patience)
  operator.keep('logs follow')
  machine.beside('bash', '-c', `exec 3<>/dev/tcp/${machine.address}/22; echo nobody >&3`)
  await operator.shows(/Bad protocol|invalid format|banner/i, patience)
  operator.press('C-c')
  await operator.shows(/Up\/Down menu/, patience)
  say('The log was read, and followed until Ctrl-C; a knock at SSH was seen in it.')
}

async function backups({ machine, fileHost, profile, say }: Trial, { does }: Operator): Promise<void> {
  const taken = await does('database_backup', /File +backups:onprem-\S+\.qmb/, { answers: [passphrase, passphrase], limit: 120_000 })
  const name = /backups:(onprem-\S+\.qmb)/.exec(taken)![1]!
  assert.match(await does('backup list', /onprem/), /0\.9\.0/)
  await does(`backup verify backups:${name}`, /Whole +yes/, { answers: [passphrase], limit: 120_000, name: 'backup verify' })
  await does('backup schedule daily --hour 3', /Next +\d{4}/, { answers: [passphrase, passphrase], limit: 60_000 })
  assert.match(await does('backup schedule', /Frequency +daily/, { name: 'backup schedule shown' }), /Hour +3/)
  // The other machine is not known: its key is shown, and has to be said.
  const there = `${fileHost.user}@${fileHost.address}:/home/${fileHost.user}/`
  const copied = await does(`copy backups:${name} ${there}`, /Copied +backups:/, {
    answers: identified(fileHost),
    limit: 60_000,
    name: 'copy',
  })
  assert.ok(!copied.includes(fileHost.password))
  const original = join(machine.folder, 'var/lib/quartermaster/backups', name)
  assert.ok(readFileSync(join(fileHost.home, name)).equals(readFileSync(original)))
  await does('support_bundle', /File +backups:support-/, { limit: 120_000 })
  const bundle = readdirSync(join(machine.folder, 'var/lib/quartermaster/backups')).find(each => each.startsWith('support-'))!
  assert.ok(statSync(join(machine.folder, 'var/lib/quartermaster/backups', bundle)).size > 1000)
  await does(`delete backups:${bundle}`, /Deleted/, { answers: [bundle], name: 'delete' })
  assert.match(await does('dir backups:', /onprem/), /kB|MB/)
  say(`A backup was taken, verified, scheduled and copied by SFTP with a password (${profile}); a support bundle was made and deleted.`)
}

async function network({ machine, say }: Trial, { does, shows }: Operator): Promise<void> {
  const has = (address: string) => machine.must('ip', '-br', 'address', 'show', 'dev', link).includes(address)
  const change = (last: string, within: string) =>
    `network_manager ${link} manual --addresses ${machine.address}/24,10.77.7.${last}/24 --within ${within}`
  await does(change('9', '30'), /State +on trial/, { name: 'network on trial' })
  await until(() => has('10.77.7.9'), patience)
  await does('network_manager show', new RegExp(`On trial +${link}`))
  await until(() => !has('10.77.7.9'), 60_000)
  await does('network_manager confirm', /No change of the network/, { name: 'network confirm too late' })
  await does(change('8', '60'), /State +on trial/, { name: 'network again' })
  await does('network_manager confirm', /State +kept/)
  await does(change('7', '60'), /State +on trial/, { name: 'network third' })
  await does('network_manager undo', /State +taken back/)
  await until(() => has('10.77.7.8') && !has('10.77.7.7'), patience)
  await does(`${change('8', '60')} --nameServers 10.77.7.2,10.77.7.3`, /State +on trial/, { name: 'network with name servers' })
  await until(() => /10\.77\.7\.2 10\.77\.7\.3/.test(machine.must('resolvectl', 'dns', link)), patience)
  await does('network_manager confirm', /State +kept/, { name: 'network with name servers kept' })
  await until(async () => (await does('network_manager show', /Name servers/, { name: 'name servers shown' })).includes('10.77.7.3'))
  await does('ping 10.77.7.2', /Answers +yes/)
  await does('traceroute 10.77.7.2', /Milliseconds/)
  await does('nslookup qm.example.net', /Name/, { limit: 60_000 })
  await does('cloud test', /Step|sign|cloud/i, { limit: 60_000 })
  await does('proxy test', /proxy/i, { limit: 60_000 })
  await does('hostname license.example.net', /Name +license/)
  assert.equal(machine.must('hostname').trim(), 'license.example.net')
  assert.match(machine.must('cat', '/etc/hosts'), /127\.0\.1\.1\tlicense\.example\.net license/)
  await does('hostname qm.example.net', /Name +qm\.example/)
  await shows('Up/Down menu')
  say('A change of the network was taken back by itself after 30 s, another was kept, a third undone; the machine was named anew and back.')
}

async function time({ machine, say }: Trial, { does }: Operator): Promise<void> {
  await does('timezone Europe/Vienna', /Zone +Europe\/Vienna/)
  assert.match(machine.must('readlink', '/etc/localtime'), /Vienna/)
  await does('timezone Etc/UTC', /Zone +Etc\/UTC/)
  await does('ntp 10.77.7.2,10.77.7.3', /10\.77\.7\.3/)
  assert.match(
    machine.must('cat', '/etc/chrony/sources.d/quartermaster.sources'),
    /^server 10\.77\.7\.2 iburst\nserver 10\.77\.7\.3 iburst\n$/,
  )
  await does('date', /Now +\d{4}/)
  await does('date tomorrow', /Give the time in UTC/)
  say('The time zone was set, and two time servers named.')
}

async function certificates({ machine, screens, say }: Trial, { does }: Operator): Promise<void> {
  await does('certificate show', /Fingerprint/, { limit: 60_000 })
  const asked = await does('certificate csr', /File +backups:request-\S+\.csr/, { limit: 60_000 })
  const request = join(machine.folder, 'var/lib/quartermaster/backups', /backups:(\S+\.csr)/.exec(asked)![1]!)
  const authority = signedBy(screens, request)
  copyFileSync(authority, join(machine.folder, 'var/lib/quartermaster/patches/answer.pem'))
  await does('certificate import patches:answer.pem', /Issuer +CN=Authority of the trial/, { limit: 60_000 })
  const serial = () =>
    machine.beside('bash', '-c', `openssl s_client -connect ${machine.address}:8443 </dev/null 2>/dev/null | openssl x509 -noout -serial`)
      .out
  const before = serial()
  await does('certificate self-signed', /Fingerprint|Subject/, { answers: ['self-signed'], limit: 60_000 })
  await does('restart server', /started again/, { limit: 120_000, name: 'restart for the certificate' })
  await until(() => serial() !== before, 120_000)
  say(
    'The certificate of the workspaces was shown, requested, answered by an authority, and made anew; the running server shows the new one.',
  )
}

/** What an authority answers to a request, with itself. */
function signedBy(folder: string, request: string): string {
  const [key, root, answer, chain] = ['authority.key', 'authority.pem', 'answer.pem', 'chain.pem'].map(name => join(folder, name)) as [
    ...[string, string, string, string],
  ]
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'ignore' })
  const made = ['-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  openssl('req', '-x509', ...made, '-subj', '/CN=Authority of the trial', '-days', '30', '-keyout', key, '-out', root)
  openssl('x509', '-req', '-in', request, '-CA', root, '-CAkey', key, '-days', '20', '-copy_extensions', 'copy', '-out', answer)
  writeFileSync(chain, readFileSync(answer, 'utf8') + readFileSync(root, 'utf8'))
  return chain
}

async function people(trial: Trial, { does }: Operator): Promise<void> {
  const next = 'Green-Meadow-58-rock'
  await does('password', /not the present password/, { answers: ['Wrong-Harbor-11-leaf', next, next], name: 'password wrong' })
  await does('password', /Changed +yes/, { answers: [trial.password, next, next] })
  trial.password = next
  const reset = await does('reset_admin_password alice', /Password +\S{20,}/, { answers: ['alice'], limit: 60_000 })
  assert.match(reset, /alice/)
  await does('unlock alice', /Unlocked +yes|may sign in/i, { limit: 60_000 })
  await does('unlock nobody', /no user|There is no/i, { limit: 60_000 })
  await keys(trial, { does } as Operator)
  trial.say("The console's password was changed; the administrator of the workspaces got a new one.")
}

/** A key that may sign in, for as long as it is let in. */
async function keys({ machine, screens, say }: Trial, { does }: Operator): Promise<void> {
  const key = join(screens, 'operator.key')
  machine.beside('ssh-keygen', '-q', '-t', 'ecdsa', '-N', '', '-f', key)
  assert.match(await does('ssh_key own', /ssh-ed25519|ecdsa/), /AAAA/)
  const asked = () => machine.beside('ssh', ...sshWords({ key }), `admin@${machine.address}`, 'version').out
  assert.match(asked(), /Permission denied/)
  const added = await does(`ssh_key add "${readFileSync(`${key}.pub`, 'utf8').trim()}"`, /Fingerprint/, { name: 'ssh_key add' })
  assert.doesNotMatch(asked(), /Permission denied/)
  // The pane is narrower than a fingerprint, which goes on in the next line.
  const fingerprint = machine.beside('ssh-keygen', '-lf', `${key}.pub`).out.split(' ')[1]!
  for (const screen of [added, await does('ssh_key list', /SHA256/)]) assert.ok(screen.includes(fingerprint.slice(0, 40)), screen)
  await does(`ssh_key delete ${fingerprint}`, /Deleted|None/i, { answers: ['delete'], name: 'ssh_key delete' })
  assert.match(asked(), /Permission denied/)
  say('A key was let in, signed in, and was shut out again.')
}

async function services(trial: Trial, { does }: Operator): Promise<void> {
  await does('restart server', /State +started again/, { limit: 120_000 })
  await untilReady(trial)
  await does('restart database', /State +started again/, { limit: 120_000 })
  await untilReady(trial)
  trial.say('Server and database were started again, and it serves.')
}

async function trail({ machine, profile, say }: Trial, { does }: Operator): Promise<void> {
  await does('trail verify', /Broken +–/, { limit: 60_000 })
  await does('trail export', /File +backups:/, { limit: 60_000 })
  if (profile === 'stig') {
    const report = await does('stig_report', /Rules +\d+/, { limit: 600_000 })
    assert.match(report, /Page +backups:stig-/)
    assert.ok(readdirSync(join(machine.folder, 'var/lib/quartermaster/backups')).some(name => /^stig-.*\.xml$/.test(name)))
  }
  say(`The audit trail was verified and exported${profile === 'stig' ? ', and the STIG rules were reported on' : ''}.`)
}

/** A terminal that knows neither colours nor lines, and one that knows nothing. */
async function plainTerminals(trial: Trial): Promise<void> {
  const vt100 = await atTheConsole(trial, 'vt100', 'vt100')
  try {
    assert.match(await vt100.does('status', /Up since/, { limit: 60_000 }), /^[\x20-\x7e\n]*$/)
  } finally {
    vt100.close()
  }
  const dumb = await openOperator(trial.machine, { password: trial.password }, join(trial.screens, 'line by line'), [], 'dumb')
  try {
    if (trial.profile === 'stig') {
      await dumb.shows(/Enter agrees/, patience)
      dumb.press('Enter')
    } else {
      await dumb.shows(/\$ *$/m, patience)
      dumb.type('console')
      dumb.press('Enter')
    }
    await dumb.shows(/Type "help"/, patience)
    dumb.type('uptime')
    dumb.press('Enter')
    await dumb.shows(/Up since[\s\S]*\n> *$/m, patience)
    dumb.keep('uptime')
    dumb.type('exit')
    dumb.press('Enter')
  } finally {
    dumb.close()
  }
  trial.say('The console was drawn in plain signs on a vt100, and read line by line on a terminal that is none.')
}

/** Starts the machine again and ends it, by the typed word. */
async function power(trial: Trial): Promise<void> {
  for (const [command, end] of [
    ['reboot', 'again'],
    ['shutdown', 'off'],
  ] as const) {
    const operator = await atTheConsole(trial, command)
    try {
      operator.type(command)
      await operator.shows(/Enter do it/)
      operator.press('Enter')
      await operator.shows(`Type ${command}`)
      operator.keep(command)
      operator.type(command)
      operator.press('Enter')
      assert.equal(await trial.machine.endsItself(), end)
    } finally {
      operator.close()
    }
    if (end === 'again') await untilReady(trial)
  }
  trial.say('The machine was started again by "reboot" and served, and was switched off by "shutdown".')
}
