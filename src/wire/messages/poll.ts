import { z } from 'zod'
import { integer, text } from '../fields.ts'

/** What an answer that is polled for can be about. */
export type PollAction = 'registration' | 'conversion'

/** POLL: asks for the answer to an earlier message. The answer is OK_POLL again, or exactly what that message would have got. */
export const pollRequest = z.object({ poll_id: integer(0), action: text(1, 64) })
export type PollRequest = z.output<typeof pollRequest>
