import { type Converted, goOnConverting } from './conversion.ts'
import { takeAnswer } from './effects.ts'
import { exchange } from './exchange.ts'
import type { Outcome } from './outcome.ts'
import type { Session } from './session.ts'
import { type Registered, takeRegistration } from './takeRegistration.ts'

/**
 * POLL (5.5): asks for the answer that was put off, and takes it as the original request would have. "Unknown poll: start again": a registration
 * that is still wished for stays so.
 */
export async function poll(session: Session): Promise<Outcome<Partial<Registered & Converted>>> {
  const { waiting } = session.state
  if (!waiting) return { result: 'refused', code: 'NOTHING_WAITS', sentence: 'This product waits for no answer.' }
  if (waiting.action === 'conversion' && session.state.conversion) return goOnConverting(session)
  const { pollId, action, keyName } = waiting
  const nameless = action === 'registration'
  const believed = await exchange(session, { type: 'POLL', data: { poll_id: pollId, action }, keyName, nameless })
  const { status } = believed.fields
  if (status === 'OK_TRY_AGAIN') return takeAnswer(session, believed, keyName, { waiting })
  if (nameless) return takeRegistration(session, believed, keyName)
  if (status !== 'OK') return takeAnswer(session, believed, keyName)
  await session.change({ underWay: null, waiting: null, retry: null })
  return { result: 'done' }
}
