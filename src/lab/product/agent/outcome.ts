import type { ResponseFields } from '../../../wire/envelope.ts'

/** How a deed ended. Only what is broken in the program itself is thrown. */
export type Outcome<Done = object> =
  | ({ result: 'done' } & Done)
  /** The server asks to poll for the answer. */
  | { result: 'waiting'; pollId: number; interval: number; action: string }
  /** The server is busy and asks to be tried again after a number of seconds. */
  | { result: 'busy'; retryAfter: number }
  /** The server said no, or the product itself did before it asked: the codes of 5.7, and NOT_REGISTERED and the like. */
  | { result: 'refused'; code: string; sentence: string }
  /** No answer that could be believed, with the agent's code for it (2.4). Nothing changed. */
  | { result: 'failed'; code: number; sentence: string; retryAfter: number | undefined }

/** What an answer other than OK means. Its effects on the product are the caller's. */
export function outcomeOf(fields: ResponseFields): Exclude<Outcome, { result: 'done' | 'failed' }> {
  if (fields.status === 'OK_POLL') {
    return { result: 'waiting', pollId: fields.poll_id ?? 0, interval: fields.poll_interval ?? 300, action: fields.action ?? '' }
  }
  if (fields.status === 'OK_TRY_AGAIN') return { result: 'busy', retryAfter: fields.retry_after ?? 60 }
  return { result: 'refused', code: fields.message_code ?? fields.status, sentence: sentenceOf(fields) }
}

/** `message` is the JSON text `{"field":["sentence", …]}`, or for one code a bare sentence: the sentences alone. */
function sentenceOf({ message, message_code }: ResponseFields): string {
  if (!message) return `The server refused: ${message_code ?? 'it gave no reason'}.`
  try {
    const sentences = Object.values(JSON.parse(message)).flat()
    return sentences.join(' ') || message
  } catch {
    return message
  }
}

/** What a deed that needs a registration says without one (43). */
export const notRegistered: Outcome<never> = {
  result: 'refused',
  code: 'NOT_REGISTERED',
  sentence: 'This product is not registered: register it with a token of the server first.',
}
