import { join } from 'node:path'
import { bare, type Pair } from '../ha/pair.ts'

/** The file in `/run` by which the agent says whether keepalived may hold the virtual address: 0 it may, 1 it may not. */
export const trackFile = (volatile: string) => join(volatile, 'track')
/** The pipe through which keepalived tells what it has become. */
export const notifyPipe = (volatile: string) => join(volatile, 'vrrp.fifo')

const isSix = (address: string) => address.includes(':')

/**
 * `keepalived.conf` of one node: "VRRP version 3, unicast between the nodes, nopreempt", so that the address never goes back by itself, which takes
 * `state BACKUP` on both. It runs no script. The priorities are equal: who holds the address is the agents' matter, and high, because that shortens
 * the wait after a silence. An address of the other family goes along as `virtual_ipaddress_excluded`.
 */
export function keepalivedConfig(pair: Pair, volatile: string): string {
  const [first, ...rest] = pair.virtualAddresses
  const family = isSix(first!)
  const six = isSix(pair.node.address)
  const along = rest.map(address => `    ${address} dev ${pair.interface}\n`).join('')
  if (six !== family) throw new Error('The first virtual address and the addresses of the nodes are of one family: VRRP speaks of one.')
  return `# Written by Quartermaster when the pair is deployed; what is changed here is lost.
global_defs {
  router_id ${pair.node.name}
  enable_script_security
  script_user root
  vrrp_notify_fifo ${notifyPipe(volatile)}
  vrrp_version 3
  vrrp_garp_master_repeat 3
  vrrp_garp_master_refresh 5
}
track_file may_hold {
  file "${trackFile(volatile)}"
  weight 0
}
vrrp_instance quartermaster {
  state BACKUP
  nopreempt
  version 3
  interface ${pair.interface}
  virtual_router_id ${pair.routerId}
  priority ${pair.node.name < pair.peer.name ? 254 : 253}
  advert_int ${pair.advertisement}
  unicast_src_ip ${pair.node.address}
  unicast_peer {
    ${pair.peer.address}
  }
  virtual_ipaddress {
    ${first} dev ${pair.interface}
  }
${along && `  virtual_ipaddress_excluded {\n${along}  }\n`}  track_file {
    may_hold
  }
}
`
}

/** The virtual addresses in a rendered file, without their prefix: what a look at the host compares with. */
export const addressesIn = (config: string): string[] =>
  [...config.matchAll(/virtual_ipaddress(?:_excluded)? \{\n((?: {4}\S+ dev \S+\n)+)/g)].flatMap(([, lines]) =>
    lines!
      .trim()
      .split('\n')
      .map(line => bare(line.trim().split(' ')[0]!)),
  )

/**
 * Beside Debian's unit, which has no `Restart=`: "kill -9 of keepalived leaves the VIP on the dead node's interface", and a restart fails once on the
 * pid files that it left behind.
 */
export const keepalivedDropIn = (pair: Pair): string => `# Written by Quartermaster when the pair is deployed.
[Unit]
After=quartermaster-ha.service
Wants=quartermaster-ha.service
StartLimitIntervalSec=0
[Service]
# VRRP alone: it balances no load, for which not every kernel has a module.
ExecStart=
ExecStart=/usr/sbin/keepalived --dont-fork --vrrp
ExecStartPre=-/bin/rm -f /run/keepalived.pid /run/vrrp.pid /run/checkers.pid /run/keepalived/keepalived.pid /run/keepalived/vrrp.pid
Restart=always
RestartSec=300ms
${pair.virtualAddresses.map(address => `ExecStopPost=-/usr/sbin/ip address del ${address} dev ${pair.interface}\n`).join('')}`
