import { z } from 'zod'
import type { Json } from './action.ts'

/** What is kept of a job, under the folder of jobs: what it was, and what it came to. No input is in it, which may hold a secret. */
export const jobRecord = z.object({
  id: z.string(),
  action: z.string(),
  caller: z.enum(['console', 'server']),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  /** `lost`: the helper ended in the middle of it. */
  state: z.enum(['running', 'done', 'refused', 'failed', 'lost']),
  /** What it was at last. */
  step: z.string(),
  outcome: z.custom<Json>(),
})
export type JobRecord = z.infer<typeof jobRecord>
