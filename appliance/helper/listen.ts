import { createServer, type Server, type Socket } from 'node:net'
import type { Caller } from '../actions/action.ts'
import { answerRequest, type Ground } from './answer.ts'
import { largestRequest, type Reply } from './protocol.ts'

/** So long somebody may take to say what they want. */
const untilAsked = 10_000
/** At once on a socket: a console has one or two open, the server as many as it has people. */
const mostConnections = 32
/** What somebody who does not read leaves behind; progress is left out beyond it, the outcome never. */
const mostUnread = 1024 * 1024

/** Where a caller comes in: a descriptor that the service manager opened, or a path. */
export type Door = { caller: Caller; at: { fd: number } | { path: string } }

/**
 * Opens the doors of the helper. The kernel's permissions of a socket say who may come through it, and so which deeds they may ask for.
 */
export async function listen(ground: Ground, doors: Door[]): Promise<{ close(): Promise<void> }> {
  const servers = await Promise.all(doors.map(door => open(ground, door)))
  return { close: async () => void (await Promise.all(servers.map(server => new Promise(done => server.close(done))))) }
}

const open = (ground: Ground, { caller, at }: Door) =>
  new Promise<Server>((resolve, reject) => {
    const server = createServer(socket => receive(ground, caller, socket))
    server.maxConnections = mostConnections
    server.once('error', reject)
    server.listen(at, () => resolve(server))
  })

/** Takes one line, and answers it until it is done or the caller is gone. */
function receive(ground: Ground, caller: Caller, socket: Socket): void {
  const gone = new AbortController()
  const late = setTimeout(() => socket.destroy(), untilAsked)
  let heard = ''
  const reply = (line: Reply) => {
    if (socket.destroyed || ('progress' in line && socket.writableLength > mostUnread)) return
    socket.write(`${JSON.stringify(line)}\n`)
  }
  const end = (line: Reply) => {
    reply(line)
    socket.end()
  }
  const hear = (piece: string) => {
    heard += piece
    const at = heard.indexOf('\n')
    if (at < 0 && heard.length <= largestRequest) return
    clearTimeout(late)
    socket.off('data', hear).resume()
    if (at < 0 || at > largestRequest) return end({ refusal: { code: 'MALFORMED', sentence: 'This question is too long.' } })
    void answerRequest(ground, caller, parsed(heard.slice(0, at)), reply, gone.signal).then(() => socket.end())
  }
  socket.setEncoding('utf8').on('data', hear)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    clearTimeout(late)
    gone.abort()
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
