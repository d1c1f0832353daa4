import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { laboratoryClock } from '../../clock.ts'
import { type Agent, createAgent } from '../product/agent/agent.ts'
import { identityOf } from '../product/agent/identity.ts'

type Place = { deviceHttp: string; deviceHttps: string; licensingRoot: string; deviceRoot: string; clock: string; folder: string }

/** What the fleet is made of, again and again: a kind of product, and how much it uses of what. */
const kinds = [
  { pid: 'EX-R1000', role: 'edge', use: { advantage: 2, throughput: 1 } },
  { pid: 'EX-S4800', role: 'access', use: { essentials: 1 } },
  { pid: 'EX-C9000', role: 'controller', use: { advantage: 1, security: 1 } },
] as const

/** Smart Transport and Call Home, with TLS and without, in turn. */
const ways = [
  { transport: 'smart', tls: true },
  { transport: 'callhome', tls: true },
  { transport: 'callhome', tls: false },
  { transport: 'smart', tls: false },
] as const

/** How often each product looks whether something is due. */
const glance = 2000

/** Makes the products of the laboratory, each with its state in a folder of its own. */
function makeProducts(count: number, place: Place) {
  const [trust, tlsTrust] = [readFileSync(place.licensingRoot, 'utf8'), readFileSync(place.deviceRoot, 'utf8')]
  return Array.from({ length: count }, (_, index) => {
    const [kind, way] = [kinds[index % kinds.length]!, ways[index % ways.length]!]
    const hostname = `${kind.role}-${index + 1}`
    const agent = createAgent({
      state: join(place.folder, hostname),
      url: way.tls ? place.deviceHttps : place.deviceHttp,
      transport: way.transport,
      trust,
      tlsTrust,
      identity: identityOf({ pid: kind.pid, serialNumber: `LAB${String(index + 1).padStart(6, '0')}`, hostname }),
      clock: laboratoryClock(place.clock),
    })
    return { hostname, agent, use: kind.use }
  })
}

/**
 * Brings up the fleet: each product registers unless it is registered, reports what it uses, and from then on obeys its timers.
 * Gives the sentences of what did not work, and the way to stop.
 */
export async function startFleet(count: number, place: Place, token: string, tags: Record<string, string>) {
  const troubles: string[] = []
  const timers: NodeJS.Timeout[] = []
  for (const { hostname, agent, use } of makeProducts(count, place)) {
    const trouble = await bringUp(
      agent,
      token,
      Object.entries(use).map(([name, quantity]) => ({ tag: tags[name]!, count: quantity })),
    )
    if (trouble) troubles.push(`${hostname}: ${trouble}`)
    timers.push(obeyTimers(agent))
  }
  return { troubles, stop: () => timers.forEach(clearInterval) }
}

/** Does what is missing to a product that uses something; a start that was interrupted may have left it at any step. Gives what went wrong. */
async function bringUp(agent: Agent, token: string, use: { tag: string; count: number }[]): Promise<string | undefined> {
  const { registration, licenses } = await agent.status()
  const steps = [
    ...(registration.status === 'REGISTERED' ? [] : [() => agent.register({ token })]),
    ...(registration.acknowledged ? [] : [() => agent.acknowledge()]),
    ...(licenses.length > 0 ? [] : [() => agent.report(use)]),
  ]
  for (const step of steps) {
    const outcome = await step()
    if (outcome.result === 'refused' || outcome.result === 'failed') return outcome.sentence
  }
  return undefined
}

function obeyTimers(agent: Agent): NodeJS.Timeout {
  let busy = false
  return setInterval(async () => {
    if (busy) return
    busy = true
    await agent.step().finally(() => {
      busy = false
    })
  }, glance)
}
