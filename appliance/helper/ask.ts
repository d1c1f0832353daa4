import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { answerRequest, type Ground } from './answer.ts'
import type { Outcome, Reply, Request } from './protocol.ts'

export type Asking = {
  onReply?(line: Exclude<Reply, Outcome>): void
  /** Whoever asked does not want to know any more; a job goes on. */
  signal?: AbortSignal
}

/** The way to a helper. */
export type Helper = { ask(request: Request, asking?: Asking): Promise<Outcome> }

const isOutcome = (line: Reply): line is Outcome => 'answer' in line || 'refusal' in line || 'fault' in line

/** The root helper behind a unix socket: a connection a question. Where nobody answers there, that is a fault in words. */
export const helperAt = (path: string): Helper => ({
  ask: (request, { onReply, signal } = {}) =>
    new Promise(resolve => {
      const socket = connect(path)
      let outcome: Outcome = { fault: 'The helper went away in the middle. "job list" shows what goes on.' }
      const stop = () => socket.destroy()
      signal?.addEventListener('abort', stop)
      socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`))
      const lines = createInterface({ input: socket })
      lines.on('line', line => {
        const said: Reply = JSON.parse(line)
        if (isOutcome(said)) outcome = said
        else onReply?.(said)
      })
      // The reader of lines passes on what the socket says itself below.
      lines.on('error', () => {})
      socket.on('error', error => {
        outcome = { fault: `The helper cannot be reached at ${path} (${(error as NodeJS.ErrnoException).code}).` }
      })
      socket.on('close', () => {
        signal?.removeEventListener('abort', stop)
        resolve(signal?.aborted ? { refusal: { code: 'NOT_ALLOWED', sentence: 'Stopped.' } } : outcome)
      })
    }),
})

/** The same without a socket: a laptop's console has no root helper beside it, and does itself what is possible. */
export const helperHere = (ground: Ground): Helper => ({
  async ask(request, { onReply, signal = new AbortController().signal } = {}) {
    let outcome: Outcome = { refusal: { code: 'NOT_ALLOWED', sentence: 'Stopped.' } }
    const hear = (line: Reply) => {
      if (isOutcome(line)) outcome = line
      else onReply?.(line)
    }
    await answerRequest(ground, 'console', request, hear, signal)
    return outcome
  },
})
