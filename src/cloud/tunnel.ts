import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { isIP } from 'node:net'
import { inTime } from './inTime.ts'
import type { Way } from './way.ts'
import { codeOf, type Peer, WayFault } from './wayFault.ts'

/** What proxies give as their reasons, as codes of ours. 407 is told from the question that comes with it. */
const codes: Record<number, string> = { 403: 'PROXY_FORBIDS', 502: 'PROXY_CANNOT', 503: 'PROXY_CANNOT', 504: 'PROXY_CANNOT' }

/**
 * Asks a proxy for a tunnel by CONNECT, with Basic authentication where a user is set, and gives the connection that then leads to the target.
 * The platform reads the answer: whatever status it has, it comes as an event of its own.
 */
export async function openTunnel(
  socket: Socket,
  target: { host: string; port: number },
  proxy: NonNullable<Way['proxy']>,
  milliseconds: number,
): Promise<Socket> {
  const peer: Peer = { kind: 'proxy', host: proxy.host }
  const place = `${isIP(target.host) === 6 ? `[${target.host}]` : target.host}:${target.port}`
  const headers = { Host: place, ...(proxy.user !== null && { 'Proxy-Authorization': basic(proxy.user, proxy.password) }) }
  try {
    const { response, head } = await inTime(ask(socket, place, headers), milliseconds, () => socket.destroy())
    const code = complaintOf(response, proxy.user)
    if (code) throw new WayFault('proxy', peer, code, { detail: detailOf(response, place) })
    // A server says nothing before the client does; whatever comes with the answer would be lost otherwise.
    if (head.length > 0) socket.unshift(head)
    return socket
  } catch (error) {
    socket.destroy()
    throw error instanceof WayFault ? error : new WayFault('proxy', peer, codeOf(error), { cause: error })
  }
}

const basic = (user: string, password: string | null) => `Basic ${Buffer.from(`${user}:${password ?? ''}`, 'utf8').toString('base64')}`

function ask(socket: Socket, path: string, headers: Record<string, string>) {
  return new Promise<{ response: IncomingMessage; head: Buffer }>((resolve, reject) => {
    const asked = request({ method: 'CONNECT', path, headers, createConnection: () => socket })
    asked.once('connect', (response, _socket, head) => resolve({ response, head }))
    asked.once('error', reject)
    asked.end()
  })
}

function complaintOf({ statusCode = 0, headers }: IncomingMessage, user: string | null): string | undefined {
  if (statusCode >= 200 && statusCode < 300) return undefined
  // 401 is meant for the other end of a tunnel, and yet what tinyproxy says to a wrong password.
  if (statusCode !== 407 && statusCode !== 401) return codes[statusCode] ?? (statusCode >= 500 ? 'PROXY_CANNOT' : 'PROXY_REFUSES')
  const asked = String(headers['proxy-authenticate'] ?? 'Basic')
  if (!/\bbasic\b/i.test(asked)) return 'PROXY_OTHER_SIGN_IN'
  return user === null ? 'PROXY_ASKS' : 'PROXY_DENIES'
}

/** What to quote of it: the ways of signing in that the proxy offers, where ours is none of them; else where it was to lead, and its status. */
function detailOf({ statusCode, headers }: IncomingMessage, place: string): string {
  const asked = String(headers['proxy-authenticate'] ?? '')
  const offered = [...asked.matchAll(/(?:^|,\s*)([A-Za-z][\w-]*)(?=\s|,|$)/g)].map(([, name]) => name)
  return statusCode === 407 && !/\bbasic\b/i.test(asked) ? offered.join(', ').slice(0, 60) : `${place} (HTTP ${statusCode})`
}
