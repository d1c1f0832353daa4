import { createHmac } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import type { Notice } from './receivers.ts'

/** How a webhook's secret is written for people: what the libraries of the specification take. */
export const webhookSecret = (key: Buffer): string => `whsec_${key.toString('base64')}`

/** The body of a webhook: `{type, timestamp, data}`; the type is `alert.raised`, `alert.changed`, `alert.cleared`, `trail.recorded` or `test`. */
export function webhookBody({ topic, at, content }: Notice): string {
  const data = JSON.parse(content)
  const type = topic === 'alerts' ? `alert.${data.change}` : topic === 'trail' ? 'trail.recorded' : 'test'
  return JSON.stringify({ type, timestamp: at.toISOString(), data })
}

/**
 * What a message is signed with, as Standard Webhooks has it, so that receivers verify it with a library: HMAC-SHA-256 of `id.timestamp.body`. The id is
 * the same each time that the message is tried; the time is that of the attempt, so that one kept by somebody grows old.
 */
export function webhookHeaders(key: Buffer, { id, body, at }: { id: string; body: string; at: Date }): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1000)
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` }
}

const inward = new BlockList()
for (const [network, length] of [
  ...([
    ['0.0.0.0', 8],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['192.0.0.0', 24],
    ['224.0.0.0', 3],
  ] as const),
  // Where clouds tell their machines secrets outside of 169.254: Alibaba's and Azure's.
  ...([
    ['100.100.100.200', 32],
    ['168.63.129.16', 32],
  ] as const),
])
  inward.addSubnet(network, length, 'ipv4')
for (const [network, length] of [
  ['::', 127],
  ['fe80::', 10],
  // Site-local addresses, 6to4 and Teredo, which nobody is given any more and which lead elsewhere than they look.
  ['fec0::', 10],
  ['2002::', 16],
  ['2001::', 32],
  ['ff00::', 8],
  ['fd00:ec2::254', 128],
] as const)
  inward.addSubnet(network, length, 'ipv6')

/** IPv4 that is written as, or carried in, IPv6: mapped, compatible, NAT64 (of the world, or of a network of its own). */
const carried = [
  /^::(?:ffff:(?:0:)?)?([\da-f]{1,4}):([\da-f]{1,4})$/,
  /^64:ff9b::([\da-f]{1,4}):([\da-f]{1,4})$/,
  /^64:ff9b:1:[\da-f:]*:([\da-f]{1,4}):([\da-f]{1,4})$/,
]

/**
 * Whether an address is this machine, its own link, or where a cloud tells machines their secrets: no webhook goes there, whatever name leads to it.
 * What is no address is inward, too.
 */
export function isInward(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return inward.check(address, 'ipv4')
  if (family !== 6) return true
  // A URL writes an address in one way only.
  const written = new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1)
  const found = carried.map(form => form.exec(written)).find(Boolean)
  return inward.check(written, 'ipv6') || (found ? inward.check(dotted(found[1]!, found[2]!), 'ipv4') : false)
}

const dotted = (...halves: string[]) =>
  halves
    .flatMap(half => {
      const value = Number.parseInt(half, 16)
      return [value >> 8, value & 255]
    })
    .join('.')
