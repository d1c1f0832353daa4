import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { allowedTo, ledger } from '../../../appliance/actions/ledger.ts'
import { issueNode, makeAuthority, newKey, requestFor } from '../../../appliance/ha/keys.ts'
import { pairSettings } from '../../../appliance/ha/pair.ts'
import { pairPlaces } from '../../../appliance/ha/places.ts'
import { carriedFiles, putCarried } from '../../../appliance/ha/setup/carried.ts'
import { openFolders, piecesOf, putPiece } from '../../../appliance/ha/setup/carriedRelease.ts'
import { checkAddresses, checkClocks, checkSpace } from '../../../appliance/ha/setup/checks.ts'
import { firewallText, layDown, pairFiles, placeOn, takeUp } from '../../../appliance/ha/setup/files.ts'
import { handOutCommand, handOutQuestion, keyLine } from '../../../appliance/ha/setup/handedOut.ts'
import { stageOf } from '../../../appliance/ha/setup/stage.ts'
import { isInSubnet } from '../../../appliance/ha/setup/subnet.ts'
import { enable } from '../../../appliance/ha/setup/units.ts'
import { perform, type RecordedMachine, recordedMachine } from '../../support/machine.ts'

const deed = (name: string) => ledger.find(each => each.name === name)!
const pair = pairSettings.parse({
  cluster: '5f0c6a4e-2d3b-4c1a-9e8f-7a6b5c4d3e2f',
  node: { name: 'node-a', address: '10.77.0.11' },
  peer: { name: 'node-b', address: '10.77.0.12' },
  interface: 'eth0',
  virtualAddresses: ['10.77.0.100/24'],
  gateway: '10.77.0.1',
  fence: 'gateway',
  witness: null,
})
const credentials = { ca: 'ca\n', certificate: 'certificate\n', key: 'key\n' }

describe('the setting up of a pair', () => {
  let machine: RecordedMachine
  beforeEach(() => {
    machine = recordedMachine()
    for (const folder of ['postgresql/15/quartermaster/conf.d', 'keepalived', 'systemd/system', 'quartermaster/firewall'])
      mkdirSync(join(machine.folders.host, folder), { recursive: true })
  })
  afterEach(() => machine.remove())

  /** Lays down what `ha_generatekeys` makes. */
  async function prepare() {
    const { keys, settings } = pairPlaces(machine.folders)
    mkdirSync(keys, { recursive: true })
    const authority = await makeAuthority(pair.cluster)
    writeFileSync(join(keys, 'ca.pem'), authority.certificate)
    writeFileSync(join(keys, 'ca.key'), authority.key)
    writeFileSync(settings, JSON.stringify(pair))
    const key = join(machine.folders.settings, 'keys/server.key')
    mkdirSync(join(machine.folders.settings, 'keys'))
    writeFileSync(key, 'a key', { mode: 0o600 })
    writeFileSync(join(machine.folders.settings, 'settings.env'), `A=b\nQUARTERMASTER_SERVER_KEY=${key}\n`)
    return { authority, key, settings }
  }

  it('knows by arithmetic what is in a subnet', () => {
    const byte = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(
        fc.tuple(byte, byte, byte, byte),
        fc.tuple(byte, byte, byte, byte),
        fc.integer({ min: 0, max: 32 }),
        (one, two, prefix) => {
          const number = (bytes: number[]) => bytes.reduce((sum, each) => sum * 256 + each, 0)
          const size = 2 ** (32 - prefix)
          const same = Math.floor(number(one) / size) === Math.floor(number(two) / size)
          assert.equal(isInSubnet(one.join('.'), `${two.join('.')}/${prefix}`), same)
        },
      ),
    )
    assert.ok(isInSubnet('fd77::12', 'fd77::11/64'))
    assert.ok(!isInSubnet('10.77.0.1', 'fd77::11/64'))
  })

  it('refuses addresses that are not three, and one that this machine does not have', () => {
    assert.throws(() => checkAddresses({ ...pair, virtualAddresses: ['10.77.0.12/24'] }), /each take an address of their own/)
    assert.throws(() => checkAddresses(pair), /This machine has no address 10\.77\.0\.11/)
    const here = {
      node: { name: 'node-a', address: '127.0.0.1' },
      peer: { name: 'node-b', address: '10.9.9.9' },
      virtualAddresses: ['127.0.0.9/8'],
    }
    assert.throws(() => checkAddresses(here), /10\.9\.9\.9 is not in the subnet 127\.0\.0\.1\/8/)
  })

  it('refuses clocks that are too far apart, either way, and gives the time that an answer takes for nothing', () => {
    const [asked, answered] = [new Date('2026-11-24T10:00:00Z'), new Date('2026-11-24T10:00:08Z')]
    checkClocks(new Date('2026-11-24T10:00:04Z'), asked, answered, 'node-b')
    checkClocks(new Date('2026-11-24T10:00:13Z'), asked, answered, 'node-b')
    assert.throws(() => checkClocks(new Date('2026-11-24T10:00:14Z'), asked, answered, 'node-b'), /6 s apart/)
    assert.throws(() => checkClocks(new Date('2026-11-24T09:59:00Z'), asked, answered, 'node-b'), /60 s apart/)
  })

  it('refuses a database for which there is no room', () => {
    assert.throws(() => checkSpace(machine.root, 1e15), /not enough room/)
    checkSpace(machine.root, 1e15, 2e15)
  })

  it('lays down what a node has, and takes all of it away again', () => {
    layDown(machine.folders, pair, credentials)
    const files = pairFiles(machine.folders, pair, credentials)
    for (const { path, text } of files) assert.equal(readFileSync(path, 'utf8'), text)
    assert.equal(
      firewallText(pair),
      '# Written by Quartermaster when the pair is set up.\nadd element inet quartermaster peers4 { 10.77.0.12 }\n',
    )
    takeUp(machine.folders)
    assert.deepEqual(files.map(({ path }) => path).filter(existsSync), [join(placeOn(machine.folders).settings, 'start.conf')])
    assert.equal(readFileSync(join(placeOn(machine.folders).settings, 'start.conf'), 'utf8'), 'auto\n')
  })

  it('hands the standby its part, with a certificate for its own key, and never the key of the authority', async () => {
    const { authority } = await prepare()
    const key = await newKey()
    const given = (await perform(machine, deed('ha_hand_out'), { request: await requestFor('whoever', key) })) as {
      pair: unknown
      certificate: string
    }
    assert.deepEqual(pairSettings.parse(given.pair).node, pair.peer)
    const certificate = new X509Certificate(given.certificate)
    assert.equal(certificate.subject, 'CN=node-b')
    assert.ok(certificate.verify(new X509Certificate(authority.certificate).publicKey))
    assert.ok(!JSON.stringify(given).includes('PRIVATE KEY'))
  })

  it('hands nothing out before the keys are made, a day after, or when the pair is there', async () => {
    const request = await requestFor('standby', await newKey())
    await assert.rejects(perform(machine, deed('ha_hand_out'), { request }), /hands out no part/)
    const { settings } = await prepare()
    const longAgo = new Date(machine.now().getTime() - 86_400_000)
    utimesSync(settings, longAgo, longAgo)
    await assert.rejects(perform(machine, deed('ha_hand_out'), { request }), /more than a day ago/)
    enable(machine.folders, 'quartermaster-ha.service')
    assert.equal(stageOf(machine.folders), 'pair')
    await assert.rejects(perform(machine, deed('ha_hand_release')), /hands out no part/)
  })

  it('carries settings and the files that they name to the other machine, byte for byte', async () => {
    const { key } = await prepare()
    const carried = carriedFiles(machine.folders)
    assert.deepEqual(
      carried.files.map(({ path, mode }) => [path, mode]),
      [[key, 0o600]],
    )
    writeFileSync(key, 'another')
    putCarried(machine.folders, { ...carried, settings: 'C=d\n' })
    assert.equal(readFileSync(key, 'utf8'), 'a key')
    assert.equal(readFileSync(join(machine.folders.settings, 'settings.env'), 'utf8'), 'C=d\n')
  })

  it('neither reads nor writes a file outside the folders of the server', async () => {
    await prepare()
    for (const path of ['/etc/passwd', `${machine.folders.settings}/../shadow`]) {
      const files = [{ path, mode: 0o600, content: '' }]
      assert.throws(() => putCarried(machine.folders, { settings: '', files }), /outside the folders/)
    }
    writeFileSync(join(machine.folders.settings, 'settings.env'), 'QUARTERMASTER_CLOUD_CA=/etc/passwd\n')
    assert.throws(() => carriedFiles(machine.folders), /outside the folders/)
  })

  it("lets the standby's key in from one address for one command, which no menu shows", () => {
    const line = keyLine('ecdsa-sha2-nistp256 AAAA', '10.77.0.12')
    assert.equal(line, `restrict,from="10.77.0.12",command="${handOutCommand}" ecdsa-sha2-nistp256 AAAA\n`)
    const hidden = allowedTo('console', 'stig').filter(({ hidden: is }) => is)
    assert.deepEqual(
      hidden.map(({ name }) => name),
      ['ha_hand_out', 'ha_hand_release'],
    )
    assert.ok(!handOutQuestion.safeParse({ action: 'password', input: {} }).success)
  })

  it('passes on no other question through the door of the standby', () => {
    const asked = (text: string) =>
      spawnSync(process.execPath, ['tui/console.ts', '--socket', join(machine.root, 'none'), '--pair'], { input: text, encoding: 'utf8' })
        .stdout
    assert.match(asked('{"action":"password","input":{}}\n'), /no question of a standby/)
    assert.match(asked('{"action":"ha_hand_release","input":{}}\n'), /cannot be reached/)
  })

  it('carries a release piece by piece, whole, and into no other folder', () => {
    const [from, to] = [join(machine.root, 'from'), join(machine.root, 'to')]
    mkdirSync(join(from, 'bin'), { recursive: true })
    const large = Buffer.alloc(1_300_000, 'abc')
    writeFileSync(join(from, 'bin/node'), large, { mode: 0o755 })
    writeFileSync(join(from, 'empty'), '')
    for (const piece of piecesOf(from)) putPiece(to, piece)
    openFolders(to)
    assert.ok(readFileSync(join(to, 'bin/node')).equals(large))
    assert.equal(readFileSync(join(to, 'empty'), 'utf8'), '')
    assert.deepEqual(
      ['bin', 'bin/node', 'empty'].map(name => statSync(join(to, name)).mode & 0o777),
      [0o755, 0o755, 0o644],
    )
    for (const path of ['../x', '/etc/x', 'a/../../x'])
      assert.throws(() => putPiece(to, { path, mode: 0o644, from: 0, content: '' }), /outside of it/)
    assert.throws(() => putPiece(to, { path: 'empty', mode: 0o644, from: 9, content: '' }), /did not come over whole/)
  })

  it('refuses each step out of its order', async () => {
    await assert.rejects(perform(machine, deed('ha_deploy')), /There are no keys of a pair here/)
    await assert.rejects(perform(machine, deed('ha_teardown')), /of no pair/)
    enable(machine.folders, 'quartermaster-ha.service')
    for (const name of ['ha_deploy', 'ha_provision_standby'])
      await assert.rejects(
        perform(machine, deed(name), name === 'ha_deploy' ? {} : { from: '10.77.0.11', fingerprint: `SHA256:${'A'.repeat(43)}` }),
        /of a pair already/,
      )
  })

  it('issues no node a certificate with which it could issue others', async () => {
    const authority = await makeAuthority(pair.cluster)
    const issued = new X509Certificate(await issueNode(authority, 'node-b', await requestFor('x', await newKey())))
    assert.equal(issued.ca, false)
  })
})
