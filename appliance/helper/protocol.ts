import { z } from 'zod'
import type { Json } from '../actions/action.ts'
import type { Progress } from '../actions/machine.ts'

/** A question may hold a certificate with its chain, and not more. */
export const largestRequest = 256 * 1024

/** One line of JSON a connection: which deed of the ledger, with what. The input is looked at again by the deed's own schema. */
export const request = z.strictObject({
  action: z.string().max(64),
  input: z.record(z.string().max(64), z.json()).default({}),
  /** The word that was typed for what destroys. */
  confirmation: z.string().max(300).optional(),
  /** Where the person sits, as the console says; for the log, and believed by nobody. */
  from: z.string().max(200).optional(),
})
export type Request = z.input<typeof request>

/** How a question ended. `fault`: a sentence with the number under which the log tells more. */
export type Outcome = { answer: Json } | { refusal: { code: string; sentence: string; field?: string } } | { fault: string }

/** What comes back, a line each: the job that it became, what it is at, and at last the outcome. */
export type Reply = { job: string } | { progress: Progress } | Outcome
