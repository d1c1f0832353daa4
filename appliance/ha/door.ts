import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { checkpoint, hasReceived } from '../postgres/ownDatabase.ts'
import { isEligible } from './checks.ts'
import type { Ground } from './ground.ts'
import { enter, type Memory } from './memory.ts'
import { type Credentials, type Question, questions } from './peer.ts'
import { transitions } from './transitions.ts'
import { answerTo, factsNow, note } from './turn.ts'

const enough = 16 * 1024

/** What the other agent may ask. Each says whether it was done. */
type Doing = (body: never, ground: Ground, memory: Memory) => Promise<boolean> | boolean

/**
 * The active goes on alone: this node gives up its claim, on the disk, before it says so. In one step, so that a promotion that is under way either
 * sees it or has come before it.
 */
function giveWay({ epoch }: { epoch: number }, { claim, pair }: Ground, memory: Memory): boolean {
  const mine = claim.read()
  if (memory.state === 'active' || mine.owner === pair.node.name || mine.epoch > epoch) return false
  claim.write({ epoch, owner: pair.peer.name, mode: 'alone' })
  return true
}

/** An explicit hand-over: the active has stopped in order, so nothing has to be found out but whether all of it has arrived. */
async function takeOver({ epoch, location }: { epoch: number; location: string }, ground: Ground, memory: Memory): Promise<boolean> {
  const { claim, pair, witness, place, services } = ground
  const before = claim.read()
  const facts = factsNow(ground, memory)
  // A veto was against a promotion that nobody had asked for.
  if (!isEligible({ ...facts, vetoed: false }) || before.epoch + 1 !== epoch || !(await hasReceived(place, location))) return false
  const next = { epoch, owner: pair.node.name, mode: 'alone' } as const
  if (witness && !(await witness.win(before, next))) return false
  if (claim.read() !== before) return false
  claim.write(next)
  // The address may come as soon as the claim is this node's; the answer does not wait for the server.
  await transitions['finish the promotion'](ground, memory, facts)
  enter(memory, 'active', performance.now())
  note(ground, memory, `The other node handed over. This node is active (alone), epoch ${epoch}.`)
  services.startServer().catch(error => note(ground, memory, `The server did not start: ${error.message}.`))
  return true
}

const doings: Record<Question, Doing> = {
  'give-way': giveWay,
  'take-over': takeOver,
  checkpoint: async (_body, { place }) => {
    await checkpoint(place)
    return true
  },
}

/**
 * Opens the agent's door to the other agent: TLS 1.3, both certificates verified, and the name in the visitor's must be the peer's. Whoever else comes
 * is sent away before a byte of theirs is read as a question. `alone`: has what changes this node done one after another, with the turns.
 */
export function openDoor(
  ground: Ground,
  memory: Memory,
  { ca, certificate, key }: Credentials,
  alone: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<Server> {
  const { pair } = ground
  const server = createServer(
    { ca, cert: certificate, key, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      answer(request, response, ground, memory, alone).catch(error => {
        note(ground, memory, `A question of the other node failed: ${error.message}.`)
        end(response, 500)
      })
    },
  )
  server.requestTimeout = 10_000
  server.maxConnections = 20
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(pair.agentPort, pair.node.address, () => resolve(server))
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  ground: Ground,
  memory: Memory,
  alone: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const { subject } = (request.socket as TLSSocket).getPeerCertificate()
  if (subject?.CN !== ground.pair.peer.name) return end(response, 403)
  const path = (request.url ?? '').slice(1)
  if (request.method === 'GET' && path === 'state') return end(response, 200, answerTo(ground, memory))
  if (request.method !== 'POST' || !Object.hasOwn(questions, path)) return end(response, 404)
  const question = path as Question
  const body = questions[question].safeParse(JSON.parse(await textOf(request)))
  if (!body.success) return end(response, 400)
  const doing = async () => await doings[question](body.data as never, ground, memory)
  end(response, (await (question === 'take-over' ? alone(doing) : doing())) ? 200 : 409)
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const part of request.setEncoding('utf8')) {
    text += part
    if (text.length > enough) throw new Error('a question was too long')
  }
  return text
}

const end = (response: ServerResponse, status: number, body: object = {}) => {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
