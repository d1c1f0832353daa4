import { isIPv6 } from 'node:net'

/**
 * Who is counted as one sender: an IPv4 address, or the 64 bits of an IPv6 address that name a network, because whoever has one of its
 * addresses has them all.
 */
export function sourceOf(address: string | undefined): string {
  if (address === undefined) return 'unknown'
  const [plain = ''] = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%')
  if (!isIPv6(plain)) return plain
  const [before = '', after] = plain.split('::')
  const [first, last] = [groups(before), groups(after ?? '')]
  const zeros: string[] = after === undefined ? [] : Array(8 - first.length - last.length).fill('0')
  return `${[...first, ...zeros, ...last].slice(0, 4).join(':')}::/64`
}

const groups = (part: string) => (part === '' ? [] : part.toLowerCase().split(':').flatMap(inHexadecimal))

/** The two groups that an IPv6 address may end with in the form of an IPv4 one are never among the first four; only their number counts. */
const inHexadecimal = (group: string) => (group.includes('.') ? ['', ''] : [group.replace(/^0+(?=.)/, '')])
