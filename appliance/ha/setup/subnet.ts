import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

/** Whether an address is in the subnet of another, which is given with its prefix. Addresses of two families never are. */
export function isInSubnet(address: string, subnet: string): boolean {
  const [base, prefix] = subnet.split('/') as [string, string]
  if (familyOf(address) !== familyOf(base)) return false
  const block = new BlockList()
  block.addSubnet(base, Number(prefix), familyOf(base))
  return block.check(address, familyOf(address))
}

/** The interface of this machine that has this address, with the address's prefix; undefined where none has. */
export function interfaceWith(address: string): { name: string; subnet: string } | undefined {
  for (const [name, entries = []] of Object.entries(networkInterfaces()))
    for (const entry of entries) if (entry.address === address && entry.cidr) return { name, subnet: entry.cidr }
  return undefined
}
