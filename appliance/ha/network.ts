import { run } from '../actions/run.ts'
import { bare, type Pair } from './pair.ts'

const never = new AbortController().signal
const ended = async (program: string, args: string[]) => {
  try {
    return await run(program, args, { signal: never, timeout: 3000 })
  } catch {
    // It took too long, or is not there: no answer either way.
    return { code: 255, out: '', err: '' }
  }
}

/** Whether the gateway answers one of two pings within a second, asked now: one that is lost means nothing. */
export const reachesGateway = async ({ gateway }: Pair): Promise<boolean> =>
  (await ended('/usr/bin/ping', ['-n', '-q', '-c', '2', '-i', '0.2', '-W', '1', '--', gateway])).code === 0

/** Whether the virtual address stands on this node's interface: the truth behind what keepalived has said. */
export async function holdsVip({ interface: name, virtualAddresses }: Pair): Promise<boolean> {
  const { out } = await ended('/usr/sbin/ip', ['-o', 'address', 'show', 'dev', name])
  return out.split(/\s+/).includes(virtualAddresses[0]!)
}

/**
 * Whether nobody else answers for the virtual address, by duplicate address detection: a node that VRRP does not reach, but ARP does, is seen. For
 * IPv6 the kernel does the same by itself when keepalived sets the address.
 */
export async function vipIsFree({ interface: name, virtualAddresses }: Pair): Promise<boolean> {
  const address = bare(virtualAddresses[0]!)
  if (address.includes(':')) return true
  return (await ended('/usr/bin/arping', ['-D', '-q', '-c', '1', '-w', '1', '-I', name, address])).code === 0
}
