import type { Action } from '../appliance/actions/action.ts'
import { readInput } from '../appliance/helper/answer.ts'
import type { Outcome, Reply } from '../appliance/helper/protocol.ts'
import { Refusal } from '../src/rules/refusal.ts'
import { type Field, fieldsOf } from './fields.ts'
import type { Session } from './session.ts'

/** A deed, and what is known of its input. */
export type Deed = { action: Action; given: Record<string, unknown> }

/** How a person is asked, on a full screen, line by line, or not at all. Undefined: they would rather not. */
export type Asker = {
  /** Whether what was refused because of one argument may be asked for again: by a person, not by a program. */
  again: boolean
  /** Lets them fill in arguments. `why`: what was wrong with the last try. */
  fill(
    action: Action,
    fields: Field[],
    given: Record<string, unknown>,
    why: string | undefined,
  ): Promise<Record<string, unknown> | undefined>
  /** Lets them type the word for what destroys. */
  confirm(action: Action, word: string): Promise<string | undefined>
  told(line: Exclude<Reply, Outcome>): void
}

/**
 * A command from its line to its outcome: asks for what is missing and for secrets, checks all of it as the helper will, has what destroys
 * confirmed, and lets the helper do it. What is refused because of one argument is asked for again. `everything`: what may be left out is asked for too, as a form does. Undefined where the person gave up.
 */
export async function perform(
  session: Session,
  deed: Deed,
  asker: Asker,
  signal: AbortSignal,
  everything = false,
): Promise<Outcome | undefined> {
  const { action } = deed
  const fields = fieldsOf(action)
  let given = deed.given
  let wanted = fields.filter(({ name, required }) => (everything || required) && !(name in given))
  let why: string | undefined
  for (;;) {
    if (wanted.length > 0) {
      const filled = await asker.fill(action, wanted, given, why)
      if (!filled) return undefined
      given = withoutEmpty({ ...given, ...filled })
    }
    const outcome = await ask(session, { action, given }, asker, signal)
    if (!outcome) return undefined
    const again = 'refusal' in outcome ? fields.find(({ name }) => name === outcome.refusal.field) : undefined
    if (!asker.again || !again || !('refusal' in outcome) || signal.aborted) return outcome
    wanted = [again]
    why = outcome.refusal.sentence
  }
}

/** What the deed's own schema says to its input, before anybody is asked to confirm it; and the word for what destroys. */
function check({ confirm, ...action }: Action, given: Record<string, unknown>): { word: string | undefined } | Outcome {
  try {
    return { word: confirm?.(readInput(action, given)) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { refusal: { code: error.code, sentence: error.message, ...(error.field ? { field: error.field } : {}) } }
  }
}

async function ask({ helper, from }: Session, { action, given }: Deed, asker: Asker, signal: AbortSignal): Promise<Outcome | undefined> {
  const found = check(action, given)
  if (!('word' in found)) return found
  const { word } = found
  const confirmation = word === undefined ? undefined : await asker.confirm(action, word)
  if (word !== undefined && confirmation === undefined) return undefined
  if (confirmation !== word) return { refusal: { code: 'NOT_ALLOWED', sentence: `That was not "${word}": nothing was done.` } }
  const question = {
    action: action.name,
    input: given as Record<string, string>,
    ...(confirmation ? { confirmation } : {}),
    ...(from ? { from } : {}),
  }
  return helper.ask(question, { signal, onReply: line => asker.told(line) })
}

const withoutEmpty = (given: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '' && value !== undefined))
