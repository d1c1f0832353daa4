import { type Deed, file, folder, ours } from '../deed.ts'
import { type Host, must } from '../host.ts'

/**
 * Nothing comes in but what an appliance is for. The peers of a pair are two sets, empty on a machine that stands alone; high availability fills
 * them from a file of its own. The device door has limits of its own for each source, so its rate here only keeps a flood from the processes.
 */
const rules = `#!/usr/sbin/nft -f
${ours}
table inet quartermaster
delete table inet quartermaster
table inet quartermaster {
  set peers4 { type ipv4_addr; }
  set peers6 { type ipv6_addr; }
  set ssh4 { type ipv4_addr; size 65535; flags dynamic,timeout; timeout 2m; }
  set ssh6 { type ipv6_addr; size 65535; flags dynamic,timeout; timeout 2m; }
  set web4 { type ipv4_addr; size 65535; flags dynamic,timeout; timeout 1m; }
  set web6 { type ipv6_addr; size 65535; flags dynamic,timeout; timeout 1m; }

  chain peer {
    # PostgreSQL's replication, the agent of the pair, and VRRP.
    tcp dport { 5432, 8444 } accept
    ip protocol vrrp accept
    meta l4proto vrrp accept
  }

  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    ct state invalid drop
    ip saddr @peers4 jump peer
    ip6 saddr @peers6 jump peer
    icmp type { destination-unreachable, time-exceeded, parameter-problem } accept
    icmp type echo-request limit rate 20/second burst 40 packets accept
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-query } accept
    icmpv6 type echo-request limit rate 20/second burst 40 packets accept
    udp sport 67 udp dport 68 accept
    ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
    tcp dport 22 ct state new add @ssh4 { ip saddr limit rate over 20/minute burst 20 packets } counter drop
    tcp dport 22 ct state new add @ssh6 { ip6 saddr limit rate over 20/minute burst 20 packets } counter drop
    tcp dport { 80, 443, 8443 } ct state new add @web4 { ip saddr limit rate over 1000/second burst 2000 packets } counter drop
    tcp dport { 80, 443, 8443 } ct state new add @web6 { ip6 saddr limit rate over 1000/second burst 2000 packets } counter drop
    tcp dport { 22, 80, 443, 8443 } accept
    limit rate 5/minute burst 10 packets log prefix "quartermaster refused: " level info
    counter drop
  }

  chain forward {
    type filter hook forward priority filter; policy drop;
  }
}
include "/etc/quartermaster/firewall/*.nft"
`

const apply = (host: Host) => void (host.hasServices && host.run('systemctl', ['try-reload-or-restart', 'nftables.service']))

export const firewall: Deed[] = [
  folder('Additions to the firewall have a folder.', '/etc/quartermaster/firewall', 'root:root', 0o755),
  file('The firewall lets in 22, 80, 443 and 8443, and a peer to the database.', '/etc/nftables.conf', rules, {
    mode: 0o755,
    after: apply,
  }),
  {
    sentence: 'The firewall is up, now and from each boot on.',
    isDone: host =>
      host.run('systemctl', ['is-enabled', '--quiet', 'nftables.service']).code === 0 && (!host.hasServices || isLoaded(host)),
    do(host) {
      must(host, 'systemctl', ['enable', 'nftables.service'])
      if (host.hasServices) must(host, 'systemctl', ['restart', 'nftables.service'])
    },
    undo: host => void host.run('nft', ['delete', 'table', 'inet', 'quartermaster']),
  },
]

const isLoaded = (host: Host) => host.run('nft', ['list', 'table', 'inet', 'quartermaster']).code === 0
