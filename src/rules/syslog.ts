import type { AlertNotice, Notice, SyslogSettings } from './receivers.ts'
import type { TrailRecord } from './trail.ts'

/** Facilities of RFC 5424: "log audit" and "log alert". */
const facility = { trail: 13, alerts: 14, test: 14 }

/** "Normal but significant" for what was done, a warning for what was refused; an alert by how severe it is, and a notice once it is cleared. */
const severities = { critical: 2, major: 3, minor: 4, info: 6 }
const notice = 5
const warning = 4

/**
 * A receiver "SHOULD be able to accept messages of up to 2048 octets" (RFC 5424); over UDP nothing longer is sent, for it would be lost in fragments.
 * Over a stream 8 KiB, which is what collectors take as they come.
 */
const longest = { udp: 2048, tcp: 8192, tls: 8192 }

/** No value of structured data is longer, in characters, so that all of it and some of the sentence have room. */
const longestValue = { udp: 100, tcp: 500, tls: 500 }

/** The number that RFC 5612 keeps for examples: this project has none of its own. */
const enterprise = 32473

type Said = { severity: number; msgId: string; data: Record<string, unknown>; text: string }

/**
 * One message of RFC 5424, in UTF-8, without a frame: `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG`. Who, from where and on
 * what stand in structured data; the sentence follows, and is cut where the message would be too long for its transport.
 */
export function syslogMessage(item: Notice, hostName: string, transport: SyslogSettings['transport']): Buffer {
  const { severity, msgId, data, text } = saidOf(item)
  const elements =
    element('meta', { sequenceId: ((item.id - 1) % 2_147_483_647) + 1 }, 10) +
    element(`quartermaster@${enterprise}`, data, longestValue[transport])
  const head = `<${facility[item.topic] * 8 + severity}>1 ${item.at.toISOString()} ${printable(hostName, 255)} quartermaster - ${printable(msgId, 32)} ${elements} `
  // "MSG-UTF8 = BOM UTF-8-STRING"
  return cut(Buffer.from(`${head}\ufeff${inOneLine(text)}`), longest[transport])
}

function saidOf({ topic, content }: Notice): Said {
  const given = JSON.parse(content)
  if (topic === 'alerts') return saidOfAlert(given)
  if (topic === 'trail') return saidOfRecord(given)
  return { severity: 6, msgId: 'test', data: { topic }, text: String(given.message) }
}

function saidOfAlert({ change, id, account, kind, subject, severity, source, message, action }: AlertNotice): Said {
  const words = change === 'cleared' ? `Cleared: ${message}` : [message, action].filter(Boolean).join(' ')
  return {
    severity: change === 'cleared' ? notice : severities[severity],
    msgId: `alert-${change}`,
    data: { alert: id, kind, subject, severity, source, account: account?.name },
    text: words,
  }
}

function saidOfRecord({ number, record }: { number: number; record: TrailRecord }): Said {
  const { kind, message, outcome, before, after, who, actor, source, correlationId, localAccountId } = record
  const change = before === undefined && after === undefined ? '' : ` ${JSON.stringify({ before, after })}`
  return {
    severity: outcome === 'refused' ? warning : notice,
    msgId: kind.replaceAll(' ', '-'),
    data: { number, kind, outcome, who, actor, source, correlationId, localAccountId: localAccountId || undefined },
    text: message + change,
  }
}

/** Nothing that a collector, or whoever reads what it keeps, takes for the end of a line: no message forges another one. */
const inOneLine = (text: string) => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

const element = (id: string, data: Record<string, unknown>, most: number) =>
  `[${id}${Object.entries(data)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ` ${name}="${escaped(String(value), most)}"`)
    .join('')}]`

/** "the characters '"' (ABNF %d34), '\' (ABNF %d92), and ']' (ABNF %d93) MUST be escaped". */
const escaped = (value: string, most: number) =>
  inOneLine(value)
    .slice(0, most)
    .replace(/["\\\]]/g, '\\$&')

/** "PRINTUSASCII", or "-" where nothing is left. */
const printable = (text: string, most: number) => text.replace(/[^!-~]+/g, '-').slice(0, most) || '-'

/** At most so many bytes, and no half of a character. */
function cut(message: Buffer, most: number): Buffer {
  if (message.length <= most) return message
  let end = most
  while ((message[end]! & 0xc0) === 0x80) end--
  return message.subarray(0, end)
}

/** "MSG-LEN SP SYSLOG-MSG" (RFC 6587 3.4.1, RFC 5425 4.3). */
export const countOctets = (message: Buffer): Buffer => Buffer.concat([Buffer.from(`${message.length} `), message])
