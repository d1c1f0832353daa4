import { sealRequest } from '../../../wire/envelope.ts'
import { sudiOf } from './identity.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { believe } from './reply.ts'
import { newNonce } from './request.ts'
import type { Session } from './session.ts'

export type Greeted = { name: string | null; version: string | null; capabilities: string[] }

/** HELLO: asks who is there, unsigned, and changes nothing. */
export async function hello(session: Session): Promise<Outcome<Greeted>> {
  const nonce = newNonce()
  const { messageVersion } = session.state
  const sudi = sudiOf(session.identity)
  const json = await sealRequest({ request_type: 'HELLO', sudi, timestamp: session.now(), nonce, version: messageVersion, data: {} }, null)
  const bytes = await session.carry(json.toString())
  const { fields } = believe(bytes, { nonce, registration: null, trust: session.trust, now: session.clock.now() })
  if (fields.status !== 'OK') return outcomeOf(fields)
  const { name = null, version = null, capabilities = [] } = fields.header.connect_info ?? {}
  return { result: 'done', name, version, capabilities }
}
