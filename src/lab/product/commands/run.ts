import { setTimeout as after } from 'node:timers/promises'
import type { Agent } from '../agent/agent.ts'
import { nextDue } from '../agent/due.ts'
import type { Done } from '../agent/step.ts'
import { moment } from '../show/text.ts'
import { sentenceOf } from './answers.ts'
import { type Call, type Command, exitCodes } from './command.ts'
import { untilInterrupted } from './interruption.ts'
import { connect, openProduct, type Product } from './product.ts'

/** The laboratory's clock may jump, so the timers are asked each second and never slept through. */
const tick = 1000

export const run: Command = {
  words: 'run',
  usage: 'run',
  summary: 'stays up and obeys the timers, until it is interrupted',
  details: 'Other commands may be used on the same product meanwhile.',
  async run(call) {
    const product = await openProduct(call.values)
    const agent = connect(product)
    await announce(call, product)
    await untilInterrupted(signal => obeyTimers(call, product, agent, signal))
    return { exitCode: exitCodes.done, lines: ['Stopped.'], data: { result: 'done' } }
  },
}

async function obeyTimers(call: Call, product: Product, agent: Agent, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (!(await doWhatIsDue(call, product, agent))) await after(tick, undefined, { signal }).catch(() => undefined)
  }
}

async function doWhatIsDue(call: Call, product: Product, agent: Agent): Promise<boolean> {
  const done = await agent.step()
  if (!done) return false
  tell(call, product.clock.now(), `${done.deed}: ${resultOf(done)}`, done)
  await announce(call, product)
  return true
}

const resultOf = ({ outcome }: Done) => (outcome.result === 'done' ? 'done' : sentenceOf(outcome))

async function announce(call: Call, { store, clock }: Product): Promise<void> {
  const next = nextDue(await store.read())
  const now = clock.now()
  if (!next) tell(call, now, 'nothing to wait for; register the product', {})
  else
    tell(call, now, `next: ${next.deed} on ${moment(new Date(Math.max(next.at, now.getTime())))}`, {
      next: next.deed,
      at: new Date(next.at),
    })
}

function tell({ values, say }: Call, now: Date, line: string, data: object): void {
  say(values.json === true ? JSON.stringify({ time: now, ...data }) : `${moment(now)}  ${line}`)
}
