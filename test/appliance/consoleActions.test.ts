import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { copy, dir, remove } from '../../appliance/actions/files.ts'
import { password } from '../../appliance/actions/people.ts'
import { restoreDatabase } from '../../appliance/actions/restores.ts'
import { run } from '../../appliance/actions/run.ts'
import { logs, services } from '../../appliance/actions/services.ts'
import { ownKey, remoteOf } from '../../appliance/actions/sftp.ts'
import { addSshKey, deleteSshKey, listSshKeys } from '../../appliance/actions/sshKeys.ts'
import { stigReport } from '../../appliance/actions/stigReport.ts'
import { perform, type RecordedMachine, recordedMachine } from '../support/machine.ts'
import { canBeSftpHost, openSftpHost } from '../support/sftpHost.ts'

describe("the console's deeds", () => {
  let machine: RecordedMachine
  const onMachine = (...given: Parameters<typeof recordedMachine>) => {
    machine = recordedMachine(...given)
    return machine
  }
  /** Programs are really started; what their command lines were is written down. */
  const commandLines: (readonly string[])[] = []
  const { signal } = new AbortController()
  const really: Parameters<typeof recordedMachine>[0] = {
    appliance: false,
    run(program, args, options) {
      commandLines.push([program, ...args])
      return run(program, args, { ...options, as: 'root', signal })
    },
  }
  afterEach(() => machine.remove())

  it('hold the machine against the STIG rules, keep what auditors read, and tell what does not hold with its reason', async () => {
    const rule = { severity: 'high', origin: 'o', value: 'v', met: 'm', found: '' }
    const said = [
      { ...rule, id: 'tls', title: 'TLS', verdict: 'pass' },
      { ...rule, id: 'usb-storage', title: 'No USB storage', verdict: 'fail', found: 'it can be loaded\nusbguard lets it in' },
      { ...rule, id: 'fips-module', title: 'A validated module', verdict: 'open', exception: 'Debian has none.' },
      { ...rule, id: 'clock', title: 'Clock', verdict: 'not applicable' },
    ]
    const { folders } = onMachine({ profile: 'stig' }, ({ args }) => {
      for (const option of ['--results', '--report']) writeFileSync(args[args.indexOf(option) + 1]!, option)
      return { code: 2, out: JSON.stringify(said) }
    })
    const name = /^backups:(stig-[\w-]+-20261124T100000000Z)\.xml$/
    const { results, page, findings, ...counts } = (await perform(machine, stigReport)) as Record<string, unknown>
    const [, stem] = name.exec(String(results))!
    assert.equal(page, `backups:${stem}.html`)
    assert.deepEqual(counts, { rules: 4, pass: 1, fail: 1, open: 1, notApplicable: 1, error: 0 })
    assert.deepEqual(findings, [
      { rule: 'usb-storage', verdict: 'fail', severity: 'high', title: 'No USB storage', why: 'it can be loaded; usbguard lets it in' },
      { rule: 'fips-module', verdict: 'open', severity: 'high', title: 'A validated module', why: 'Debian has none.' },
    ])
    assert.deepEqual(readdirSync(folders.backups).sort(), [`${stem}.html`, `${stem}.xml`])
    assert.equal(statSync(join(folders.backups, `${stem}.xml`)).mode & 0o777, 0o600)
  })

  it('leave nothing of a STIG report that could not be made, and say why', async () => {
    const { folders } = onMachine({ profile: 'stig' }, ({ args }) => {
      writeFileSync(args[args.indexOf('--results') + 1]!, 'half')
      return { code: 1, err: 'OpenSCAP is not on this machine.' }
    })
    await assert.rejects(perform(machine, stigReport), /could not be made: OpenSCAP is not on this machine/)
    assert.deepEqual(readdirSync(folders.backups), [])
  })

  it('reach files by their names in two folders, and no other file whatever the name', async () => {
    const { folders } = onMachine()
    writeFileSync(join(folders.patches, 'a.qmr'), 'a')
    symlinkSync('/etc/passwd', join(folders.patches, 'link'))
    assert.deepEqual(await perform(machine, dir, { place: 'patches:' }), {
      place: 'patches:',
      files: [{ name: 'a.qmr', bytes: 1, changedAt: statSync(join(folders.patches, 'a.qmr')).mtime.toISOString() }],
    })
    for (const name of ['../../etc/passwd', '/etc/passwd', 'link', '.hidden', 'a.qmr\n', '', '-rf', 'a/../a.qmr'])
      await assert.rejects(perform(machine, remove, { file: `patches:${name}` }), { name: 'Refusal' }, name)
    await assert.rejects(perform(machine, remove, { file: 'etc:passwd' }), /backups:NAME or patches:NAME/)
    await perform(machine, remove, { file: 'patches:a.qmr' })
    assert.ok(!existsSync(join(folders.patches, 'a.qmr')))
  })

  it('take nothing of another machine for an option, a pattern or a second command', () => {
    onMachine()
    assert.deepEqual(remoteOf('admin@qm2:/x/a.qmr'), { user: 'admin', host: 'qm2', port: 22, path: '/x/a.qmr' })
    assert.deepEqual(remoteOf('sftp://admin@[2001:db8::1]:2022/x'), { user: 'admin', host: '2001:db8::1', port: 2022, path: '/x' })
    for (const text of [
      'a@-oProxyCommand=id:/x',
      'a@h:/x y',
      'a@h:/x\nput y',
      'a@h:*',
      '-a@h:/x',
      'a@h:-x',
      'a@h:/x;id',
      'h:/x',
      'sftp://a@h:99999/x',
    ])
      assert.throws(() => remoteOf(text), { name: 'Refusal' }, text)
  })

  it('read the logs with what was typed as one argument, and look for it as it stands', async () => {
    onMachine({}, () => ({ out: 'one\n\x1b[2Jtwo\n' }))
    await perform(machine, logs, { service: 'server', grep: '(a+)+$', since: '2 hours', lines: '5' })
    const [{ program, args }] = machine.started as [RecordedMachine['started'][0]]
    assert.equal(program, '/usr/bin/journalctl')
    assert.ok(
      args.includes('--grep=\\(a\\+\\)\\+\\$') && args.includes('--since=2 hours ago') && args.includes('--unit=quartermaster.service'),
    )
    await assert.rejects(perform(machine, logs, { since: '--file=/etc/shadow' }), /Give a time/)
    await assert.rejects(perform(machine, logs, { service: '../../x' }), { name: 'Refusal' })
  })

  it('tell how the services stand', async () => {
    const out =
      'Id=quartermaster.service\nLoadState=loaded\nActiveState=active\nSubState=running\nMemoryCurrent=1000\nActiveEnterTimestamp=@1764000000\n\nId=keepalived.service\nLoadState=not-found\nActiveState=inactive\n'
    onMachine({}, () => ({ out }))
    assert.deepEqual(await perform(machine, services), {
      services: [{ service: 'server', state: 'running', since: '2025-11-24T16:00:00.000Z', memoryBytes: 1000 }],
    })
  })

  it("change the console's password through standard input, by the rules of the profile", async () => {
    onMachine({ profile: 'stig' }, ({ program, options }) =>
      program.endsWith('unix_chkpwd') ? { code: options.input === 'Old-Pass.word1!\0' ? 0 : 7 } : {},
    )
    const change = (current: string, next: string) => perform(machine, password, { current, password: next })
    await assert.rejects(change('wrong', 'Quite.Another-77-way'), /not the present password/)
    await assert.rejects(change('Old-Pass.word1!', 'short'), /at least 15/)
    await assert.rejects(change('Old-Pass.word1!', 'Quite.Another-77-way\nroot:x'), /Leave out/)
    await change('Old-Pass.word1!', 'Quite.Another-77-way')
    assert.equal(machine.started.at(-1)?.options.input, 'admin:Quite.Another-77-way\n')
    assert.ok(!JSON.stringify(machine.started.map(({ args }) => args)).includes('Quite'))
  })

  it('let a key sign in, and nothing that a line of authorized_keys could do besides', async () => {
    onMachine()
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+7bq1sJp0N3bJm8pQd0Zr1c0V8gU1g0F3k8q2yH4mE'
    for (const line of [`command="/bin/sh" ${key}`, `${key} a\n${key}`, `environment="X=1",${key}`, 'ssh-dss AAAA'])
      await assert.rejects(perform(machine, addSshKey, { key: line }), { name: 'Refusal' }, line)
    const { fingerprint } = (await perform(machine, addSshKey, { key: `${key} nora` })) as { fingerprint: string }
    await assert.rejects(perform(machine, addSshKey, { key }), /let in already/)
    const file = join(machine.folders.authorizedKeys, 'admin')
    assert.equal(statSync(file).mode & 0o777, 0o644)
    assert.deepEqual(await perform(machine, listSshKeys), { keys: [{ fingerprint, kind: 'ssh-ed25519', comment: 'nora' }] })
    await perform(machine, deleteSshKey, { fingerprint })
    assert.equal(readFileSync(file, 'utf8'), '')
  })

  it('start the server as it was where a backup is refused', async () => {
    onMachine({}, ({ args }) =>
      args.includes('restore') ? { code: 5, out: '{"error":{"code":"INVALID","message":"Not the passphrase."}}' } : {},
    )
    machine.run = (
      original =>
      async (program, args, options = {}) => {
        const ran = await original(program, args, options)
        for (const line of ran.out.split('\n').filter(Boolean)) options.onLine?.(line, 'out')
        return ran
      }
    )(machine.run)
    writeFileSync(join(machine.folders.backups, 'a.qmb'), '')
    await assert.rejects(perform(machine, restoreDatabase, { file: 'backups:a.qmb', passphrase: 'x' }), /Not the passphrase/)
    const calls = machine.started.filter(({ program }) => program.endsWith('systemctl')).map(({ args }) => args.join(' '))
    assert.deepEqual(calls, ['stop quartermaster.service', 'start quartermaster.service'])
    assert.ok(machine.started.every(({ args }) => !args.includes('x')))
  })

  it('copy by SFTP from a host whose key was seen, there and back, and refuse one that shows another', async function () {
    if (!canBeSftpHost) return this.skip()
    onMachine(really)
    const server = await openSftpHost(join(machine.root, 'sshd'), { keys: [await ownKey(machine)] })
    try {
      const { username } = userInfo()
      writeFileSync(join(machine.root, 'there.qmr'), 'release')
      const from = `sftp://${username}@127.0.0.1:${server.port}${machine.root}/there.qmr`
      const refused = await perform(machine, copy, { from, to: 'patches:' }).catch((error: Error & { field?: string }) => error)
      assert.ok(refused instanceof Error && refused.field === 'fingerprint', String(refused))
      const [fingerprint] = /SHA256:[A-Za-z\d+/]{43}/.exec(refused.message) ?? []
      assert.deepEqual(await perform(machine, copy, { from, to: 'patches:', fingerprint }), {
        copied: from,
        to: 'patches:there.qmr',
        bytes: 7,
      })
      const to = `sftp://${username}@127.0.0.1:${server.port}${machine.root}/back.qmr`
      await perform(machine, copy, { from: 'patches:there.qmr', to })
      assert.equal(readFileSync(join(machine.root, 'back.qmr'), 'utf8'), 'release')
      await assert.rejects(perform(machine, copy, { from, to: 'patches:' }), /already/)
      const known = join(machine.folders.console, 'known_hosts')
      writeFileSync(known, readFileSync(known, 'utf8').replace(/ (AAAA\S+)/, ` ${(await ownKey(machine)).split(' ')[1]}`))
      await assert.rejects(perform(machine, copy, { from, to: 'patches:other.qmr' }), /not the one that was seen before/)
    } finally {
      await server.stop()
    }
  })

  it('copy by SFTP with a password, which is asked for where it is wanted and stands in no command line', async function () {
    if (!canBeSftpHost) return this.skip()
    onMachine(really)
    const account = { user: 'courier', password: 'Ochre \'Lantern\' $(92) "moss"' }
    const server = await openSftpHost(join(machine.root, 'sshd'), { account })
    try {
      writeFileSync(join(machine.folders.backups, 'a.qmb'), 'backup')
      const to = `sftp://courier@127.0.0.1:${server.port}${machine.root}/sshd/home/`
      const from = 'backups:a.qmb'
      const tried = (input: object) =>
        perform(machine, copy, { from, to, ...input }).catch((error: Error & { field?: string }) => [error.field, error.message] as const)
      const unknown = (await tried({})) as readonly string[]
      const [fingerprint] = /SHA256:[A-Za-z\d+/]{43}/.exec(unknown[1]!) ?? []
      // The field is what the console asks for next.
      assert.deepEqual([unknown[0], ((await tried({ fingerprint })) as readonly string[])[0]], ['fingerprint', 'password'])
      const wrong = (await tried({ password: 'something else' })) as readonly string[]
      assert.equal(wrong[0], 'password')
      assert.match(wrong[1]!, /Permission denied.*Give its password/)
      assert.deepEqual(readdirSync(join(machine.root, 'sshd/home')), [])
      await perform(machine, copy, { from, to, password: account.password })
      assert.equal(readFileSync(join(machine.root, 'sshd/home/a.qmb'), 'utf8'), 'backup')
      await perform(machine, copy, { from: `${to}a.qmb`, to: 'backups:back.qmb', password: account.password })
      assert.equal(readFileSync(join(machine.folders.backups, 'back.qmb'), 'utf8'), 'backup')
      assert.ok(!JSON.stringify([machine.told, commandLines]).includes('Lantern'))
    } finally {
      await server.stop()
    }
  })
})
