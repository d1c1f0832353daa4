import { writeFileSync } from 'node:fs'
import { trackFile } from '../keepalived/keepalived-config.ts'
import { isEligible, mayHoldVip } from './checks.ts'
import type { Facts } from './facts.ts'
import type { Ground } from './ground.ts'
import { enter, factsOf, type Memory, remember } from './memory.ts'
import { takeOrder } from './orders.ts'
import { decide } from './table.ts'
import { NotDone, transitions } from './transitions.ts'

/** The facts of this moment. */
export const factsNow = ({ pair, claim, release }: Ground, memory: Memory): Facts =>
  factsOf(memory, claim.read(), { self: pair.node.name, fence: pair.fence, release }, performance.now())

/** Tells keepalived whether it may hold the virtual address. The file is read when it changes, so an unchanged one is left alone. */
export function track(ground: Ground, memory: Memory, told: { last: string }): void {
  const may = mayHoldVip(factsNow(ground, memory)) ? '0' : '1'
  if (told.last === may) return
  writeFileSync(trackFile(ground.volatile), `${may}\n`)
  told.last = may
}

/** Gives the virtual address up at once: before a deed that ends what stands behind it. */
function letGo(ground: Ground, told: { last: string }): void {
  writeFileSync(trackFile(ground.volatile), '1\n')
  told.last = '1'
}

/**
 * One turn: "looks the pair state × observation up in the table, does the idempotent deeds of the row, writes one sentence". A deed that refuses or
 * fails leaves the state, and the next turn decides anew.
 */
export async function turn(ground: Ground, memory: Memory, told: { last: string }): Promise<void> {
  memory.order ??= takeOrder(ground.volatile)
  const facts = factsNow(ground, memory)
  const row = decide(facts)
  if (facts.order && !row) note(ground, memory, `The word "${facts.order}" has no meaning now. This node stays ${facts.state}.`)
  memory.order = undefined
  if (!row) return track(ground, memory, told)
  if (row.to !== 'active' && row.to !== 'standby') letGo(ground, told)
  try {
    for (const deed of row.deeds) await transitions[deed](ground, memory, facts)
    enter(memory, row.to, performance.now())
    note(ground, memory, `${row.because} This node is ${wordsFor(row.to, ground)}.`)
  } catch (error) {
    const { message } = error as Error
    const refusal = error instanceof NotDone
    note(ground, memory, `${row.because} This node stays ${memory.state}: ${message}.`, refusal ? {} : { stack: (error as Error).stack })
  }
  track(ground, memory, told)
}

const wordsFor = (state: string, { claim }: Ground) =>
  state === 'active' ? `active (${claim.read().mode}), epoch ${claim.read().epoch}` : state

/** Says a sentence once: in the log and in what is shown. */
export function note(ground: Ground, memory: Memory, sentence: string, more: object = {}): void {
  if (remember(memory, sentence, new Date())) ground.say(sentence, more)
}

/** What this agent tells the other. */
export function answerTo(ground: Ground, memory: Memory) {
  const facts = factsNow(ground, memory)
  const { epoch, owner, mode } = facts.claim
  return {
    node: facts.self,
    epoch,
    owner,
    mode,
    state: facts.state,
    database: facts.database,
    follows: facts.follows,
    eligible: isEligible(facts) && facts.gateway,
    serverWaits: memory.database.serverWaits,
    release: facts.release,
    at: new Date().toISOString(),
  }
}

/** Without a word from before this start of the machine, keepalived may hold nothing; an agent that is started again leaves what it said. */
export function trackAtStart(ground: Ground): void {
  try {
    writeFileSync(trackFile(ground.volatile), '1\n', { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
