import { setTimeout as pause } from 'node:timers/promises'
import { type AgentOptions, createAgent } from '../../../src/lab/product/agent/agent.ts'
import { identityOf } from '../../../src/lab/product/agent/identity.ts'
import type { Outcome } from '../../../src/lab/product/agent/outcome.ts'
import type { Use } from '../../../src/lab/product/agent/state.ts'
import { storeInMemory } from '../../../src/lab/product/agent/store.ts'
import type { Ledger } from './ledger.ts'

export type Surroundings = Pick<AgentOptions, 'url' | 'trust' | 'line' | 'makeKey'> & {
  token: string
  tags: string[]
  ledger: Ledger
  random: () => number
  /** Milliseconds between two deeds, at most. */
  pace: number
}

type Intent = 'register' | 'force' | 'renew' | 'deregister'
/** What a server that is being killed may say: nothing of it is a change, and the product asks again. */
const passing = ['SERVER_ERROR', 'REPLAY', 'BAD_SIGNATURE']

/** A product that does something at random, again and again, and writes down what was acknowledged. */
export function openProduct(number: number, around: Surroundings) {
  const { ledger, random, tags, token, pace } = around
  const serialNumber = `SOAK${String(number).padStart(6, '0')}`
  const store = storeInMemory()
  const identity = identityOf({ pid: 'EX-R1000', serialNumber, hostname: serialNumber.toLowerCase() })
  const agent = createAgent({ ...around, state: store, identity, transport: number % 2 === 0 ? 'smart' : 'callhome' })
  let intent: Intent | null = 'register'

  /** What it means to do is repeated until the answer is there, with the same bytes: the agent sees to that. */
  async function pursue(wish: Intent): Promise<void> {
    const before = await certificate()
    const outcome = await attempt(wish)
    // A renewal counts once its certificate is here, though the acknowledgement that follows it may get no answer.
    const held = await certificate()
    ledger.holds(serialNumber, held ?? null)
    const isRenewed = wish === 'renew' && held !== undefined && held !== before
    if (isRenewed) ledger.renewed(serialNumber)
    if (isRenewed) intent = null
    else if (outcome.result !== 'done') await takeRefusal(wish, outcome)
    else if ('remark' in outcome) takeLeave(outcome.remark)
    else if ('instanceId' in outcome) {
      ledger.registered(serialNumber, outcome.instanceId)
      intent = null
    }
  }

  function takeLeave(remark: string | null): void {
    if (remark === null) ledger.deregistered(serialNumber)
    else ledger.leftUnheard(serialNumber)
    intent = remark === null ? 'register' : 'force'
  }

  const certificate = async () => (await store.read()).registration?.idCertificateSerial

  async function takeRefusal(wish: string, outcome: Outcome<object>): Promise<void> {
    ledger.noted({ serialNumber, wish, ...outcome })
    if (outcome.result !== 'refused' || passing.includes(outcome.code)) return
    ledger.violated(`${serialNumber} wanted to ${wish} and was refused: ${outcome.code} ${outcome.sentence}`)
    // It goes on as well as it can: what is wrong is written down.
    intent = (await store.read()).registration ? null : 'force'
  }

  const attempt = (
    wish: Intent,
  ): Promise<Outcome<{ instanceId: string } | { remark: string | null } | { idCertificateSerial: string }>> => {
    if (wish === 'renew') return agent.renewIdCertificate()
    if (wish === 'deregister') return agent.deregister()
    return agent.register({ token, force: wish === 'force' })
  }

  async function report(): Promise<void> {
    const changes = [{ tag: tags[Math.floor(random() * tags.length)]!, count: Math.floor(random() * 20) }]
    const usage = after((await store.read()).usage, changes)
    ledger.sent(serialNumber, usage)
    const outcome = await agent.report(changes)
    if (outcome.result === 'done') ledger.reported(serialNumber, usage)
    else await takeRefusal('report', outcome)
  }

  function choose(): Intent | null {
    const die = random()
    if (die < 0.06) return 'renew'
    if (die < 0.1) return 'force'
    return die < 0.14 ? 'deregister' : null
  }

  /** A registration that has not left yet may stay undone. */
  const awaitsAnswer = async () => intent !== null && (intent !== 'register' || (await store.read()).wanted !== null)

  return {
    async live(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await pause(random() * pace, undefined, { signal }).catch(() => undefined)
        if (signal.aborted) return
        intent ??= choose()
        await (intent ? pursue(intent) : report())
      }
    },
    /** Finishes what is open, so that the books can be closed: whoever waits for an answer gets it. */
    async settle(): Promise<void> {
      for (let tries = 0; await awaitsAnswer(); tries++) {
        if (tries === 60) return ledger.violated(`${serialNumber} wants to ${intent} and gets no answer.`)
        await pursue(intent!)
        if (intent) await pause(500)
      }
    },
  }
}

const after = (usage: readonly Use[], changes: readonly Use[]): Use[] =>
  [...new Map([...usage, ...changes].map(({ tag, count }) => [tag, count]))]
    .filter(([, count]) => count > 0)
    .map(([tag, count]) => ({ tag, count }))
