import { setTimeout as after } from 'node:timers/promises'
import type { Agent } from '../agent/agent.ts'
import type { Outcome } from '../agent/outcome.ts'
import { type Call, exitCodes, numberOf, type Report } from './command.ts'

/** The option of commands that wait for an answer which is put off. */
export const waitOption = { wait: { type: 'string' } } as const
export const waitHelp = '--wait SECONDS  how long to wait for a server that is busy or asks to be polled (60)'

const defaultWait = 60

/** Repeats `deed` while the server is busy, and polls while it asks to be polled, within `--wait`; at least once in `every` seconds. */
export async function untilAnswered<Done>(
  { values, say }: Call,
  agent: Agent,
  deed: () => Promise<Outcome<Done>>,
  every = Number.POSITIVE_INFINITY,
): Promise<Outcome<Done>> {
  const patience = (numberOf(values, 'wait', 0) ?? defaultWait) * 1000
  const began = performance.now()
  for (let outcome = await deed(); ; ) {
    const seconds =
      outcome.result === 'busy' ? outcome.retryAfter : outcome.result === 'waiting' ? Math.min(outcome.interval, every) : undefined
    if (seconds === undefined || performance.now() - began + seconds * 1000 > patience) return outcome
    say(
      outcome.result === 'busy'
        ? `The server is busy; trying again in ${seconds} s.`
        : `The server is at work; asking again in ${seconds} s.`,
    )
    await after(seconds * 1000)
    outcome = outcome.result === 'busy' ? await deed() : ((await agent.poll()) as Outcome<Done>)
  }
}

/** What a command says of an outcome that is not what was hoped for. */
export function disappointment(outcome: Exclude<Outcome, { result: 'done' }>): Report {
  const sentence = sentenceOf(outcome)
  const later = outcome.result === 'busy' || outcome.result === 'waiting'
  return {
    exitCode: later ? exitCodes.tryLater : exitCodes.refused,
    lines: [],
    complaints: [sentence, ...adviceOf(outcome)],
    data: { ...outcome, sentence },
  }
}

/** The outcome in a sentence. */
export function sentenceOf(outcome: Exclude<Outcome, { result: 'done' }>): string {
  if (outcome.result === 'busy') return `The server is busy: try again in ${outcome.retryAfter} seconds.`
  if (outcome.result === 'waiting')
    return `The server will have the answer later (poll ${outcome.pollId}): ask with 'poll', or leave it to 'run'.`
  return outcome.result === 'refused' ? `${outcome.sentence} (${outcome.code})` : `${outcome.sentence} (agent code ${outcome.code})`
}

const advice: Record<string, string> = {
  TOKEN_INVALID: 'Make a new token on the server, and copy the whole of it.',
  TOKEN_EXPIRED: 'Make a new token on the server.',
  TOKEN_USAGE_EXCEEDED: 'Make a new token on the server.',
  ALREADY_REGISTERED: 'Add --force to take the place of the earlier registration.',
  UNKNOWN_INSTANCE: "The product is not registered any more: 'register' it again.",
  ID_CERT_EXPIRED: "The product is not registered any more: 'register' it again.",
  CLOCK_SKEW: 'Set the clock of this machine, or of the server.',
  TLS_REQUIRED: 'Use the https address of the server.',
  ACCOUNT_EXPIRED: 'Synchronize the Local Account on the server; until then the product keeps its last authorization.',
}

const adviceOf = (outcome: Outcome): string[] => {
  const text = outcome.result === 'refused' ? advice[outcome.code] : undefined
  return text === undefined ? [] : [text]
}
