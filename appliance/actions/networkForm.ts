import { isIP, isIPv4, isIPv6 } from 'node:net'
import { z } from 'zod'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { listOf } from './listOf.ts'

const address = z.string().refine(text => isIP(text) !== 0, 'Give an IPv4 or IPv6 address.')

/** An address with the length of its network, which must be one that a machine can have. */
const withPrefix = z.string().refine(text => {
  const [, ip = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? []
  return (isIPv4(ip) && Number(length) >= 1 && Number(length) <= 32) || (isIPv6(ip) && Number(length) >= 1 && Number(length) <= 128)
}, 'Give an address with the length of its network, as 192.0.2.10/24 or 2001:db8::10/64.')

/** The form of `network_manager`: how one interface is set. */
export const networkForm = z.strictObject({
  interface: z
    .string()
    .regex(/^[A-Za-z][\w.-]{0,14}$/, 'Give the name of an interface, as eth0.')
    .describe('the interface, as eth0'),
  method: z.enum(['automatic', 'manual']).describe('automatic: by DHCP and router advertisements; manual: as said here'),
  addresses: listOf(withPrefix, { most: 8 }).default([]).describe('addresses with their networks, as 192.0.2.10/24,2001:db8::1/64'),
  gateways: listOf(address, { most: 2 }).default([]).describe('gateways, one of IPv4 and one of IPv6 at most'),
  nameServers: listOf(address, { most: 4 }).default([]).describe('name servers (DNS), with commas between them'),
  within: z.coerce.number().int().min(30).max(600).default(120).describe('seconds to confirm in, before it is taken back'),
})
export type NetworkForm = z.infer<typeof networkForm>

/** Refuses what cannot reach anybody: manual without an address, automatic with one, two gateways of one kind, a gateway without an address of its kind. */
export function checkNetwork({ method, addresses, gateways }: NetworkForm): void {
  refuseUnless(
    method === 'automatic' || addresses.length > 0,
    'INVALID',
    'Give at least one address, or choose the automatic method.',
    'addresses',
  )
  refuseUnless(
    method === 'manual' || addresses.length + gateways.length === 0,
    'INVALID',
    'With the automatic method addresses and gateways come from the network. Leave them out, or choose the manual one.',
    'addresses',
  )
  const kinds = gateways.map(isIP)
  refuseUnless(new Set(kinds).size === kinds.length, 'INVALID', 'Give one gateway of each kind at most.', 'gateways')
  const own = addresses.map(each => isIP(each.split('/')[0]!))
  refuseUnless(
    kinds.every(kind => own.includes(kind)),
    'INVALID',
    'A gateway is reached from an address of its own kind.',
    'gateways',
  )
}

/** The form as systemd-networkd reads it. */
export function networkText({ interface: name, method, addresses, gateways, nameServers }: NetworkForm): string {
  const lines =
    method === 'automatic'
      ? ['DHCP=yes', 'IPv6AcceptRA=yes']
      : ['DHCP=no', 'IPv6AcceptRA=no', ...addresses.map(each => `Address=${each}`), ...gateways.map(each => `Gateway=${each}`)]
  return `[Match]\nName=${name}\n\n[Network]\n${[...lines, ...nameServers.map(each => `DNS=${each}`)].join('\n')}\n`
}
