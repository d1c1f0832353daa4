import { createSocket } from 'node:dgram'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, rootCertificates } from 'node:tls'
import { second } from '../rules/clock.ts'
import { reachInWords, type SyslogSettings } from '../rules/receivers.ts'
import { Refusal } from '../rules/refusal.ts'
import { countOctets } from '../rules/syslog.ts'

/** How long a collector may take for a batch, from the connection to its end. */
const patience = 30 * second

/**
 * Gives a batch of messages to a syslog collector, each a message of RFC 5424. Over TCP and TLS it is given when the collector, having read to the end of
 * it, has closed the connection in order: the protocol has no acknowledgement of its own, and what was written to a connection that breaks may be
 * lost. So a batch that breaks is sent again as a whole, and the collector may get some of it twice. Over UDP nobody can know.
 * @param authorities PEM of those to believe, beside the usual ones.
 * @throws Refusal that says why not.
 */
export async function sendSyslog(settings: SyslogSettings, authorities: readonly string[], messages: readonly Buffer[]): Promise<void> {
  try {
    await (settings.transport === 'udp' ? sendDatagrams(settings, messages) : sendStream(settings, authorities, messages))
  } catch (error) {
    throw new Refusal('NOT_DELIVERED', `The collector ${reachInWords({ kind: 'syslog', settings })} did not take it: ${reasonOf(error)}.`)
  }
}

const reasonOf = (error: unknown) => {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'it broke the connection before it had read everything'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name is not known'
  return message.replace(/\.$/, '')
}

/** Connects; `opened` is called once something may be said: over TLS no byte goes to whoever has not shown who it is. */
function open({ host, port, transport }: SyslogSettings, authorities: readonly string[], opened: () => void): Socket {
  if (transport === 'tcp') return connect({ host, port }, opened)
  const servername = isIP(host) ? '' : host
  const ca = [...rootCertificates, ...authorities]
  return connectTls({ host, port, servername, ca, minVersion: 'TLSv1.2', allowPartialTrustChain: true }, opened)
}

function sendStream(settings: SyslogSettings, authorities: readonly string[], messages: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open(settings, authorities, () => socket.end(Buffer.concat(messages.map(countOctets))))
    const timer = setTimeout(() => socket.destroy(new Error('it did not read everything in time')), patience)
    socket.once('error', reject)
    socket.once('close', () => {
      clearTimeout(timer)
      // A collector that closes before we have said all has not read it.
      socket.writableFinished ? resolve() : reject(new Error('it closed the connection too early'))
    })
    // What it says is nothing to us, but has to be read for its end to be seen.
    socket.resume()
  })
}

function sendDatagrams({ host, port }: SyslogSettings, messages: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4')
    const settle = (error?: Error | null) => {
      socket.close()
      error ? reject(error) : resolve()
    }
    socket.once('error', settle)
    socket.connect(port, host, async () => {
      try {
        for (const message of messages)
          await new Promise<void>((sent, failed) => socket.send(message, error => (error ? failed(error) : sent())))
        settle()
      } catch (error) {
        settle(error as Error)
      }
    })
  })
}
