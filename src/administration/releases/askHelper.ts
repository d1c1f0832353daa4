import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import type { Config } from '../../config.ts'
import { Refusal, type RefusalCode } from '../../rules/refusal.ts'

/** What the root helper is asked: a deed of its ledger by name, and the word that was typed for what destroys. */
export type Question = { action: string; input?: Record<string, string>; confirmation?: string }

/** A line that comes back. The helper is of this release or, in the middle of an upgrade, of another one: what is not known is passed over. */
const line = z.union([
  z.object({ answer: z.unknown() }),
  z.object({ refusal: z.object({ code: z.string(), sentence: z.string(), field: z.string().optional() }) }),
  z.object({ fault: z.string() }),
  z.object({ job: z.string() }),
  z.object({ progress: z.unknown() }),
])
type Line = z.output<typeof line>

/** Says that there is no appliance beneath this server: a laptop, a container. */
export class NoAppliance extends Refusal {
  constructor() {
    super('NOT_ALLOWED', 'There is no appliance beneath this server: install a release the way this one was installed.')
  }
}

/** Nobody waits longer for an answer; what takes longer is a job, which goes on alone. */
const patience = 600_000

/**
 * Asks the root helper for a deed and gives its answer; of a job, as soon as it has begun, nothing. Throws the helper's refusals, `NoAppliance` where
 * there is none, and a refusal in words where it does not answer.
 */
export function askHelper({ helperSocket }: Pick<Config, 'helperSocket'>, question: Question): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(helperSocket).setTimeout(patience, () => socket.destroy())
    const end = (settle: () => void) => {
      settle()
      socket.destroy()
    }
    socket.on('connect', () => socket.write(`${JSON.stringify(question)}\n`))
    createInterface({ input: socket })
      .on('line', text => {
        const said = readLine(text)
        if (!said || 'progress' in said) return
        end(() => settle(said, resolve, reject))
      })
      // The socket tells of it below.
      .on('error', () => {})
    socket.on('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? new NoAppliance() : silent()))
    socket.on('close', () => reject(silent()))
  })
}

const silent = () =>
  new Refusal('CONFLICT', 'The root helper of this appliance does not answer. At the console, "services" shows how it is.')

function readLine(text: string): Line | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function settle(said: Line, resolve: (answer: unknown) => void, reject: (error: Error) => void): void {
  if ('answer' in said) resolve(said.answer)
  else if ('refusal' in said) reject(new Refusal(said.refusal.code as RefusalCode, said.refusal.sentence, said.refusal.field))
  else if ('fault' in said) reject(new Refusal('CONFLICT', said.fault))
  else resolve(undefined)
}
