import { hour, later, minute } from './clock.ts'
import { isHost, withoutBrackets } from './proxy.ts'
import { refuseUnless } from './refusal.ts'

/** What a receiver can be told of. */
export const topics = ['alerts', 'trail'] as const
export type Topic = (typeof topics)[number]

/** What a receiver is told of, as people say it. */
export const topicsInWords = (chosen: readonly Topic[]): string =>
  chosen.map(topic => (topic === 'trail' ? 'the audit trail' : topic)).join(' and ')

/** How a syslog collector is reached: RFC 5426, RFC 6587 with octet counting, RFC 5425. */
export const syslogTransports = ['tls', 'tcp', 'udp'] as const
export type SyslogSettings = { host: string; port: number; transport: (typeof syslogTransports)[number] }

/** Where a webhook is. */
export type WebhookSettings = { url: string }

/** How a receiver is reached, by its kind. */
export type Reach = { kind: 'syslog'; settings: SyslogSettings } | { kind: 'webhook'; settings: WebhookSettings }

/** Something that a receiver is told: JSON of an alert that changed, of a record of the trail, or of a test. */
export type Notice = { id: number; topic: Topic | 'test'; at: Date; content: string }

/** What an alert's notice says. `account` is null for the server's own. */
export type AlertNotice = {
  change: 'raised' | 'changed' | 'cleared'
  id: number
  account: { id: string; name: string } | null
  kind: string
  subject: string
  severity: 'critical' | 'major' | 'minor' | 'info'
  source: string
  message: string
  action: string
}

/** Refuses a name that is empty or too long, and a receiver that is told of nothing. */
export function checkReceiver({ name, topics: chosen }: { name: string; topics: readonly Topic[] }): void {
  refuseUnless(name.length >= 1 && name.length <= 80, 'INVALID', 'Give a name of 1 to 80 characters.', 'name')
  refuseUnless(!/\p{Cc}/u.test(name), 'INVALID', 'Give a name without control characters.', 'name')
  refuseUnless(chosen.length > 0, 'INVALID', 'Choose what it is told of: alerts, the audit trail, or both.', 'alerts')
}

/** Refuses where nothing can be reached. */
export function checkReach(reach: Reach): Reach {
  if (reach.kind === 'webhook') return { kind: 'webhook', settings: { url: checkWebhookUrl(reach.settings.url) } }
  const { host, port, transport } = reach.settings
  refuseUnless(isHost(host), 'INVALID', 'Give the name or the address of the collector.', 'host')
  refuseUnless(Number.isInteger(port) && port >= 1 && port <= 65_535, 'INVALID', 'Give a port from 1 to 65535.', 'port')
  refuseUnless(syslogTransports.includes(transport), 'INVALID', 'Choose TLS, TCP or UDP.', 'transport')
  return reach
}

function checkWebhookUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const scheme = url?.protocol
  refuseUnless(scheme === 'https:' || scheme === 'http:', 'INVALID', 'Give an address such as https://hooks.example.com/licenses.', 'url')
  refuseUnless(text.length <= 2000, 'INVALID', 'Keep the address within 2,000 characters.', 'url')
  refuseUnless(
    !url!.username && !url!.password,
    'INVALID',
    'Write no user and no password into the address: what is sent is signed.',
    'url',
  )
  refuseUnless(isHost(withoutBrackets(url!.hostname)), 'INVALID', 'The address names no host.', 'url')
  url!.hash = ''
  return url!.href
}

/**
 * Where a receiver is, as everybody may read it: of a webhook's address the path stays behind, for many services take whoever knows it for their
 * own.
 */
export const reachInWords = (reach: Reach): string =>
  reach.kind === 'webhook'
    ? originInWords(new URL(reach.settings.url))
    : `${reach.settings.host}:${reach.settings.port} over ${reach.settings.transport.toUpperCase()}`

const originInWords = ({ origin, pathname, search }: URL) => (pathname + search === '/' ? origin : `${origin}/…`)

/** When a receiver is tried again after so many failures in a row: after a minute, and twice as long each time, up to an hour. */
export const receiverRetryAt = (failures: number, now: Date): Date => later(now, Math.min(minute * 2 ** Math.min(failures - 1, 10), hour))

/** From so many failures in a row on (about a quarter of an hour), somebody should look. */
export const failuresBeforeAlert = 5

/** A notice that its receiver answers and refuses is given up after so many times, about four hours; one that cannot be told waits. */
export const refusalsBeforeGivingUp = 9

/** No more notices than this wait for a receiver: the oldest are given up, and an alert tells of it. */
export const mostWaiting = 100_000
