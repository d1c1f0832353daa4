import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import { Refusal, refuseUnless } from '../../src/rules/refusal.ts'
import type { Action, Caller, Json, Profile } from '../actions/action.ts'
import { allowedTo } from '../actions/ledger.ts'
import type { Folders, Machine, Progress, RunOptions } from '../actions/machine.ts'
import { run } from '../actions/run.ts'
import type { Jobs } from './jobs.ts'
import { type Outcome, type Reply, request } from './protocol.ts'

/** What the helper stands on. `actions`: another list, for tests. */
export type Ground = {
  profile: Profile
  appliance: boolean
  folders: Folders
  jobs: Jobs
  log(entry: Record<string, unknown>): void
  now?: () => Date
  actions?: readonly Action[]
}

/** Nobody waits longer for what is no job. */
const patience = 3_600_000

/**
 * Answers one question: is the deed in the ledger for this caller and this profile, is its input what its schema says, was the word typed that it
 * asks for? Then does it, as a job where it is one, and tells what it came to. Never throws. Every question is logged, whatever came of it, without
 * the secrets in it.
 */
export async function answerRequest(
  ground: Ground,
  caller: Caller,
  asked: unknown,
  reply: (line: Reply) => void,
  gone: AbortSignal,
): Promise<void> {
  const began = Date.now()
  const told: Record<string, unknown> = { caller }
  const finish = (outcome: Outcome) => {
    ground.log({ ...told, ...wordsOf(outcome), ms: Date.now() - began })
    return outcome
  }
  try {
    const { action, input, from } = check(ground, caller, asked, told)
    if (from) told.from = from
    const machineFor = (tell: (progress: Progress) => void, signal: AbortSignal) => openMachine(ground, caller, tell, signal)
    if (!action.job) {
      const signal = AbortSignal.any([gone, AbortSignal.timeout(patience)])
      return reply(
        finish(
          await outcomeOf(
            action,
            input,
            machineFor(progress => reply({ progress }), signal),
            told,
          ),
        ),
      )
    }
    const never = new AbortController().signal
    const id = ground.jobs.start(action.name, caller, async tell => finish(await outcomeOf(action, input, machineFor(tell, never), told)))
    told.job = id
    reply({ job: id })
    reply(await ground.jobs.attach(id, caller, progress => reply({ progress }), gone))
  } catch (error) {
    // Whoever asked went away while a job goes on: there is nobody to answer.
    if (!gone.aborted || error instanceof Refusal) reply(finish(failure(error, told)))
  }
}

function check(ground: Ground, caller: Caller, asked: unknown, told: Record<string, unknown>) {
  const read = request.safeParse(asked)
  refuseUnless(read.success, 'MALFORMED', 'This is no question that the helper knows.')
  const { action: name, input: given, confirmation, from }: z.output<typeof request> = read.data
  told.action = name
  const found = allowedTo(caller, ground.profile, ground.actions).find(each => each.name === name)
  refuseUnless(found, 'NOT_FOUND', `There is no command "${name}".`)
  const input = readInput(found, given)
  told.input = withoutSecrets(found, input)
  refuseUnless(
    ground.appliance || found.anywhere,
    'NOT_ALLOWED',
    `"${name}" needs the appliance: this console runs on a machine that Quartermaster was not installed on.`,
  )
  const word = found.confirm?.(input)
  refuseUnless(word === undefined || word === confirmation, 'NOT_ALLOWED', `Type "${word}" to confirm this.`, 'confirmation')
  return { action: found, input, from }
}

/** The input as the deed's schema has it; refuses with the first thing that is wrong, by its name. */
export function readInput({ input: schema }: Action, given: unknown): Record<string, unknown> {
  const read = schema.safeParse(given)
  if (read.success) return read.data
  const issue = read.error.issues[0]!
  const field = String(issue.path[0] ?? (issue.code === 'unrecognized_keys' ? issue.keys[0] : ''))
  if (issue.code === 'unrecognized_keys') throw new Refusal('INVALID', `"${field}" is not known here.`, field)
  const missing = issue.code === 'invalid_type' && (given as Record<string, unknown>)?.[field] === undefined
  throw new Refusal('INVALID', missing ? `Say ${field}.` : `${field}: ${issue.message}`, field)
}

function openMachine(ground: Ground, caller: Caller, tell: (progress: Progress) => void, signal: AbortSignal): Machine {
  const { profile, folders, appliance, jobs, now = () => new Date() } = ground
  return {
    profile,
    folders,
    appliance,
    now,
    tell,
    signal,
    jobs: { list: () => jobs.list(caller), attach: async id => answerOf(await jobs.attach(id, caller, tell, signal)) },
    run: (program: string, args: readonly string[], options?: RunOptions) =>
      run(program, args, { ...options, ...(appliance ? {} : { as: 'root' as const }), signal }),
  }
}

const outcomeOf = async (
  action: Action,
  input: Record<string, unknown>,
  machine: Machine,
  told: Record<string, unknown>,
): Promise<Outcome> => {
  try {
    return { answer: await action.run(input, machine) }
  } catch (error) {
    return failure(error, told)
  }
}

/** What a job came to, as the answer of the action that attached to it. */
function answerOf(outcome: Outcome): Json {
  if ('answer' in outcome) return outcome.answer
  throw new Refusal('CONFLICT', 'refusal' in outcome ? outcome.refusal.sentence : outcome.fault)
}

/** "A refusal is said, a fault is logged": a number to quote, and nothing of what broke. */
function failure(error: unknown, told: Record<string, unknown>): Outcome {
  if (error instanceof Refusal)
    return { refusal: { code: error.code, sentence: error.message, ...(error.field ? { field: error.field } : {}) } }
  const number = randomBytes(4).toString('hex')
  Object.assign(told, { fault: number, stack: error instanceof Error ? error.stack : String(error) })
  return { fault: `Something broke. The log of the helper tells more under ${number}.` }
}

const wordsOf = (outcome: Outcome) =>
  'answer' in outcome
    ? { outcome: 'done' }
    : 'refusal' in outcome
      ? { outcome: 'refused', sentence: outcome.refusal.sentence }
      : { outcome: 'failed' }

const withoutSecrets = ({ secrets = [] }: Action, input: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, (secrets as string[]).includes(name) ? '(not shown)' : shortened(value)]),
  )

const shortened = (value: unknown) => (typeof value === 'string' && value.length > 200 ? `${value.slice(0, 200)}…` : value)
