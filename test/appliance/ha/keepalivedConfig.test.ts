import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Pair, pairSettings } from '../../../appliance/ha/pair.ts'
import { addressesIn, keepalivedConfig, keepalivedDropIn } from '../../../appliance/keepalived/keepalived-config.ts'
import { isRoot } from '../../support/clusters.ts'

const keepalived = '/usr/sbin/keepalived'

/** keepalived looks the interface up, so it is given one in a network of its own. */
const inNetwork = 'ip link add eth0 type veth peer name eth1 && ip link set eth0 up && exec /usr/sbin/keepalived -t -f "$1"'

const pairOf = (given: Partial<Pair> = {}) =>
  pairSettings.parse({
    cluster: '5f3b2c1e-8f57-4c8e-9c2e-0a4b6d1f7e33',
    node: { name: 'node-a', address: '10.77.0.11' },
    peer: { name: 'node-b', address: '10.77.0.12' },
    interface: 'eth0',
    virtualAddresses: ['10.77.0.100/24', 'fd77::100/64'],
    gateway: '10.77.0.1',
    fence: 'gateway',
    witness: null,
    ...given,
  })

const six = {
  node: { name: 'node-a', address: 'fd77::11' },
  peer: { name: 'node-b', address: 'fd77::12' },
  gateway: 'fd77::1',
  virtualAddresses: ['fd77::100/64'],
}

describe('keepalived.conf', () => {
  it('names both virtual addresses, and the other node alone as whom to speak with', () => {
    const text = keepalivedConfig(pairOf(), '/run/quartermaster-ha')
    assert.deepEqual(addressesIn(text), ['10.77.0.100', 'fd77::100'])
    assert.match(text, /unicast_peer \{\n {4}10\.77\.0\.12\n {2}\}/)
    assert.match(text, /nopreempt/)
    assert.doesNotMatch(text, /^ *notify|vrrp_script/m)
  })

  it('refuses nodes of one family with a first virtual address of the other', () => {
    assert.throws(() => keepalivedConfig(pairOf({ virtualAddresses: ['fd77::100/64'] }), '/run/x'), /of one family/)
  })

  it('takes the address away when keepalived dies, and starts it again', () => {
    const text = keepalivedDropIn(pairOf())
    assert.match(text, /Restart=always\nRestartSec=300ms/)
    assert.match(text, /ExecStopPost=-\/usr\/sbin\/ip address del 10\.77\.0\.100\/24 dev eth0/)
  })

  for (const [name, given] of [
    ['IPv4 with IPv6 beside it', {}],
    ['IPv6 alone', six],
  ] as const) {
    it(`is what the real keepalived takes: ${name}`, function () {
      if (!existsSync(keepalived) || !isRoot) this.skip()
      const folder = mkdtempSync(join(tmpdir(), 'quartermaster-keepalived-'))
      try {
        const file = join(folder, 'keepalived.conf')
        writeFileSync(join(folder, 'track'), '1\n')
        writeFileSync(file, keepalivedConfig(pairOf(given), folder))
        const { status, stdout, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', inNetwork, 'sh', file], { encoding: 'utf8' })
        assert.equal(status, 0, `${stdout}${stderr}`)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  }
})
