import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Profile, profiles } from '../../../appliance/actions/action.ts'
import { makeRelease } from '../../../appliance/release/makeRelease.ts'
import { newReleaseKey } from '../../../appliance/release/releaseKey.ts'
import { tags } from '../../../src/lab/cloud/exampleCatalog.ts'
import { installer, makeApplianceRoot } from '../../support/applianceRoot.ts'
import { bootDebian, type DebianMachine, linkOf } from '../../support/debianMachine.ts'
import { makePairNetwork, type PairNetwork } from '../../support/ha/pairNetwork.ts'
import { until } from '../../support/until.ts'

/**
 * `npm run pair:try [-- standard|stig]`: two Debian machines with systemd are installed from a release of this tree, made a pair by the console's own
 * commands over a real sshd, swapped, robbed of their power and taken apart again, while a product reports through the virtual address. As root.
 */
const source = join(import.meta.dirname, '../../..')
const began = performance.now()
const say = (words: string) => void process.stdout.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`)

type Pair = { a: DebianMachine; b: DebianMachine; network: PairNetwork; scratch: string }

async function main(profile: Profile): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'quartermaster-pair-'))
  const network = makePairNetwork('qmp')
  const machines: DebianMachine[] = []
  try {
    await boot(profile, scratch, network, machines)
    const pair: Pair = { a: machines[0]!, b: machines[1]!, network, scratch }
    await serves(pair)
    await refusals(pair)
    await becomesPair(pair, profile)
    await changesPlaces(pair)
    await losesPower(pair)
    await takenApart(pair)
  } catch (error) {
    for (const machine of machines) {
      process.stdout.write(
        machine.run('journalctl', '--no-pager', '-n', '60', '-u', 'quartermaster-ha', '-u', 'keepalived', '-u', 'quartermaster-helper').out,
      )
      process.stdout.write(machine.run('tail', '-n', '20', '/var/log/postgresql/postgresql-15-quartermaster.log').out)
    }
    throw error
  } finally {
    for (const machine of machines) await machine.stop()
    network.remove()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Two machines, the second with a newer release than the first: it is to take over the first one's. */
async function boot(profile: Profile, scratch: string, network: PairNetwork, machines: DebianMachine[]): Promise<void> {
  const archives = await Promise.all(
    ['0.9.0', '0.9.1'].map(version =>
      makeRelease({
        ...{ source, version, createdAt: new Date(0), key: newReleaseKey().privateKey, folder: scratch, effort: 1 },
        node: { file: process.execPath, version: process.version.slice(1) },
      }),
    ),
  )
  say('Two releases are made.')
  const roots = ['a', 'b'].map(name => join(scratch, name))
  makeApplianceRoot(roots[0]!, 'pair', profile, archives[0]!.path)
  execFileSync('cp', ['-a', roots[0]!, roots[1]!])
  rmSync(join(roots[1]!, 'root/release'), { recursive: true })
  execFileSync('sh', [
    '-c',
    'mkdir "$2" && tar xOf "$1" tree.tar.gz | tar xz -C "$2"',
    'sh',
    archives[1]!.path,
    join(roots[1]!, 'root/release'),
  ])
  for (const [index, name] of (['a', 'b'] as const).entries()) {
    const { address, gateway } = network
    writeFileSync(
      join(roots[index]!, 'etc/systemd/network/80-cable.network'),
      `[Match]\nName=${linkOf('pair')}\n\n[Network]\nAddress=${address(name)}/24\nGateway=${gateway}\nLinkLocalAddressing=no\n`,
    )
    const machine = await bootDebian(roots[index]!, `p${name}`, network.socket(name))
    machines.push(machine)
    machine.must(installer, '--profile', profile, '--answers', '/root/answers.json')
    say(`Machine ${name} is installed, in the profile ${profile}.`)
  }
}

/** A command as the operator gives it; what it answers, or what it refuses with. */
function console_(machine: DebianMachine, ...words: string[]): { result?: Record<string, unknown>; error?: { message: string } } {
  const program = '/usr/local/bin/quartermaster-console'
  const { out } = machine.run('runuser', '-u', 'admin', '--', program, ...words, '--json')
  const line = out.split('\n').findLast(each => /^\{"(result|error)"/.test(each))
  if (!line) throw new Error(`${words.join(' ')}: ${out}`)
  return JSON.parse(line)
}

function answer(machine: DebianMachine, ...words: string[]): Record<string, unknown> {
  const { result, error } = console_(machine, ...words)
  if (error) throw new Error(`${words[0]}: ${error.message}`)
  return result!
}

const state = (machine: DebianMachine) => answer(machine, 'ha_status')
const isWell = (active: DebianMachine, standby: DebianMachine) =>
  state(active).role === 'active' &&
  state(active).mode === 'sync' &&
  state(standby).role === 'standby' &&
  state(standby).serverWaits === true

async function serves({ a, network, scratch }: Pair): Promise<void> {
  const summary = a.must('/opt/quartermaster/current/bin/node', '/root/registerProduct.ts')
  assert.match(summary, /REGISTERED|Registered/i, summary)
  execFileSync('cp', ['-a', join(a.folder, 'var/lib/quartermaster-laboratory'), join(scratch, 'laboratory')])
  reports({ network, scratch }, 1, network.address('a'))
  say('A product is registered with the first machine, and reports to it from a third.')
}

/** The product says what it uses, through an address; throws where it is not told OK. */
function reports({ network, scratch }: Pick<Pair, 'network' | 'scratch'>, count: number, address: string): void {
  const place = join(scratch, 'laboratory')
  const trust = ['--trust', join(place, 'cloud/licensing-root.pem'), '--state', join(place, 'product')]
  const program = join(source, 'src/lab/product/main.ts')
  const out = network.beside(process.execPath, program, 'use', tags.advantage, String(count), '--url', `http://${address}`, ...trust)
  assert.equal(out.code, 0, out.out)
}

const through = (pair: Pair, count: number) =>
  until(() => {
    try {
      reports(pair, count, pair.network.virtualAddress)
      return true
    } catch {
      return false
    }
  }, 120_000)

/** What is wrong is said before anything is changed. */
async function refusals({ a, b, network }: Pair): Promise<void> {
  const key = String(answer(b, 'ssh_key', 'own').key)
  const refused = (machine: DebianMachine, pattern: RegExp, ...words: string[]) =>
    assert.match(console_(machine, ...words).error?.message ?? '', pattern)
  refused(a, /is not in the subnet/, 'ha_generatekeys', network.address('a'), network.address('b'), '10.99.0.1', key)
  refused(a, /has no address/, 'ha_generatekeys', '10.77.8.99', network.address('b'), network.virtualAddress, key)
  refused(a, /Somebody answers/, 'ha_generatekeys', network.address('a'), network.address('b'), network.address('c'), key)
  refused(a, /There are no keys of a pair/, 'ha_deploy', '--confirm', 'deploy')
  refused(b, /of no pair/, 'ha_teardown', '--confirm', 'teardown')
  refused(
    b,
    /is not known yet|no part of a pair|Permission denied/,
    'ha_provision_standby',
    network.address('a'),
    `SHA256:${'A'.repeat(43)}`,
    '--confirm',
    'empty',
  )
  say('Addresses in another subnet, that are not here or not free, missing keys and a wrong fingerprint are refused in a sentence.')
}

async function becomesPair(pair: Pair, profile: Profile): Promise<void> {
  const { a, b, network } = pair
  const key = String(answer(b, 'ssh_key', 'own').key)
  const made = answer(a, 'ha_generatekeys', network.address('a'), network.address('b'), network.virtualAddress, key)
  assert.equal(made.fence, profile === 'stig' ? 'strict' : 'gateway')
  const fingerprint = String((made.sshFingerprints as string[])[0]).split(' ')[0]!
  const given = answer(b, 'ha_provision_standby', network.address('a'), fingerprint, '--confirm', 'empty')
  assert.equal(given.pair, made.pair)
  assert.equal(b.must('readlink', '/opt/quartermaster/current').trim(), 'releases/0.9.0')
  say('The second machine took its part of the pair and the release of the first over SSH, and shows the same fingerprint.')
  const deployed = answer(a, 'ha_deploy', '--confirm', 'deploy')
  assert.deepEqual([deployed.state, deployed.replication], ['active', 'synchronous'])
  await until(() => isWell(a, b), 60_000)
  assert.equal(b.must('cat', '/etc/quartermaster/settings.env'), a.must('cat', '/etc/quartermaster/settings.env'))
  const hash = (machine: DebianMachine) => machine.must('sha256sum', '/etc/quartermaster/keys/server.key')
  assert.equal(hash(a), hash(b))
  assert.equal(a.run('test', '-e', '/etc/quartermaster/ha/ca.key').code, 1)
  // Its server is loaded and waits, with no door open.
  assert.doesNotMatch(b.must('ss', '-Hltn'), /:(80|443|8443)\s/)
  await through(pair, 2)
  say(`A pair: ${String(deployed.says)} A product reports through ${network.virtualAddress}.`)
  const verified = a.run('systemd-analyze', 'verify', '--man=no', 'quartermaster-ha.service', 'keepalived.service')
  assert.equal(verified.out.trim(), '')
  const exposure = /([\d.]+) (\w+)/.exec(
    a.must('systemd-analyze', 'security', '--no-pager', 'quartermaster-ha.service').split('\n').at(-2) ?? '',
  )?.[0]
  assert.match(a.must(installer), /Everything is as it should be/)
  assert.match(b.must(installer), /Everything is as it should be/)
  say(`systemd finds no fault in the units (exposure of the agent ${exposure}); the installer has nothing to do on either node.`)
}

async function changesPlaces(pair: Pair): Promise<void> {
  const { a, b } = pair
  const at = performance.now()
  answer(a, 'ha_switchover', '--confirm', 'switchover')
  await through(pair, 3)
  const took = (performance.now() - at) / 1000
  await until(() => isWell(b, a), 60_000)
  say(`The nodes changed places: the command and the next report took ${took.toFixed(1)} s.`)
}

async function losesPower(pair: Pair): Promise<void> {
  const { a, b } = pair
  await b.losePower()
  await through(pair, 4)
  await until(() => isWell(a, b), 120_000)
  say('The active machine lost its power: the other one serves, and the first follows it again after it was started.')
}

async function takenApart(pair: Pair): Promise<void> {
  const { a, b, network } = pair
  assert.match(console_(a, 'ha_teardown', '--confirm', 'teardown').error?.message ?? '', /there first/)
  const certificate = () => answer(a, 'certificate', 'show').fingerprint
  const before = certificate()
  answer(b, 'ha_teardown', '--confirm', 'teardown')
  answer(a, 'ha_teardown', '--confirm', 'teardown')
  assert.equal(certificate(), before)
  await until(() => {
    try {
      reports(pair, 5, network.address('a'))
      return true
    } catch {
      return false
    }
  }, 60_000)
  for (const machine of [a, b]) {
    assert.equal(state(machine).role, 'stand-alone')
    assert.equal(machine.run('systemctl', 'is-active', 'keepalived.service', 'quartermaster-ha.service').out.trim(), 'inactive\ninactive')
    assert.doesNotMatch(machine.must('ip', 'address'), new RegExp(`${network.virtualAddress}/`))
  }
  assert.equal(b.run('systemctl', 'is-active', 'quartermaster.service').out.trim(), 'inactive')
  assert.match(a.must(installer), /Everything is as it should be/)
  say('Taken apart: the first machine serves with the same certificate, the second keeps its data and does not serve.')
}

await main(profiles.find(each => each === process.argv[2]) ?? 'standard')
