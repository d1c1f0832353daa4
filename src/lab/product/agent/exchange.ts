import { compareVersions, LOWEST_VERSION, type ResponseFields } from '../../../wire/envelope.ts'
import { adoptSigner } from './adoptSigner.ts'
import { minute } from './clock.ts'
import { CommunicationFailure } from './failures.ts'
import { type Believed, believe } from './reply.ts'
import { prepare } from './request.ts'
import type { Session } from './session.ts'
import type { Message, UnderWay } from './state.ts'

/** The server takes messages of the last hour (5.3, step 6); older ones are not worth sending again. */
const resendWithin = 55 * minute

/** Sends a message and gives the reply that can be believed. The request is on the disk before it leaves; the caller removes it with its effect. */
export async function exchange(session: Session, message: Message): Promise<Believed> {
  return converse(session, await prepareAndKeep(session, message))
}

/** Sends what was under way again, with the same bytes, so that the server's memory gives the answer it gave before. */
export async function resume(session: Session, underWay: UnderWay): Promise<Believed> {
  const fresh = session.now() - underWay.preparedAt < resendWithin && session.now() >= underWay.preparedAt
  return converse(session, fresh ? underWay : await prepareAndKeep(session, underWay.message))
}

async function prepareAndKeep(session: Session, message: Message): Promise<UnderWay> {
  const underWay = await prepare(session, message)
  await session.change({ underWay })
  return underWay
}

/** Goes on until an answer is about the message itself and not about its envelope. */
async function converse(session: Session, underWay: UnderWay): Promise<Believed> {
  const complaints = new Set<string>()
  for (let current = underWay; ; current = await prepareAndKeep(session, current.message)) {
    const believed = await deliver(session, current)
    const complaint = complaintAboutEnvelope(believed.fields)
    if (complaint === 'VERSION_TOO_HIGH') await lowerVersion(session, believed.fields)
    else if (!complaint || complaints.has(complaint)) return believed
    complaints.add(complaint)
  }
}

async function deliver(session: Session, { message, nonce, body }: UnderWay): Promise<Believed> {
  const bytes = await session.carry(body)
  const registration = message.nameless ? null : session.state.registration
  const believed = believe(bytes, { nonce, registration, trust: session.trust, now: session.clock.now() })
  await adoptSigner(session, believed)
  return believed
}

/** "bad signature: retry once with new nonce"; "replay: new nonce"; "version: lower and resend" (5.7). */
const complaintAboutEnvelope = ({ status, message_code }: ResponseFields) =>
  status === 'VERSION_TOO_HIGH' ? status : message_code === 'BAD_SIGNATURE' || message_code === 'REPLAY' ? message_code : undefined

/** Keeps the highest version that the server says it knows. Throws 127 where that is not lower than ours, or too low to be spoken. */
async function lowerVersion(session: Session, { message }: ResponseFields): Promise<void> {
  const offered = /\d{1,4}\.\d{1,4}/.exec(message ?? '')?.[0]
  const spoken = session.state.messageVersion
  if (!offered || compareVersions(offered, spoken) >= 0 || compareVersions(offered, LOWEST_VERSION) < 0) {
    throw new CommunicationFailure('wrongVersion', `The server does not read messages of version ${spoken}, and names no lower one.`)
  }
  await session.change({ messageVersion: offered })
}
