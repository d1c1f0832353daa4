import type { Network } from './answers.ts'

/** What the image's network is set by; where it is not there, somebody else's programs set the network up, and it is left to them. */
export const networkFile = '/etc/systemd/network/10-quartermaster.network'

/** The network as systemd-networkd reads it. */
export function networkText(network: Network): string {
  if (network.method === 'automatic') return '[Match]\nType=ether\n\n[Network]\nDHCP=yes\nIPv6AcceptRA=yes\n'
  const lines = [`Address=${network.address}`, `Gateway=${network.gateway}`, ...network.nameServers.map(server => `DNS=${server}`)]
  return `[Match]\nName=${network.interface}\n\n[Network]\nDHCP=no\n${lines.join('\n')}\n`
}
