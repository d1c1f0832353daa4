import { randomUUID } from 'node:crypto'
import { sameAnswer } from '../licensing/answerOnce.ts'
import type { MessageSigner } from '../pki/authority.ts'
import { second } from '../rules/clock.ts'
import { isOutcomeUnknown } from '../storage/commits.ts'
import { isOutage } from '../storage/outage.ts'
import { type Answer, echoOf, openRequest, type RequestEnvelope } from '../wire/envelope.ts'
import { Malformed } from '../wire/malformed.ts'
import { isRequestType } from '../wire/messages/types.ts'
import { malformed, serverError } from '../wire/refusals.ts'
import { checkEnvelope, checkMessage, type Verified } from './checkMessage.ts'
import { handleMessage } from './handleMessage.ts'
import { Busy } from './lanes.ts'
import type { Leave } from './limits.ts'
import type { Answered, Door, Message, Origin } from './message.ts'
import { isRefusal, refusalAnswer, resultOf } from './refusals.ts'
import { signReply, tryAgain, writeReply } from './reply.ts'
import { serverSigner, signerFor } from './signers.ts'
import { whoSends } from './whoSends.ts'

type Arrival = Omit<Message, 'envelope'>

/**
 * Takes the JSON of a message to the signed JSON of its reply: wire-device 5.3 from step 3 on. Refuses with `Malformed` what has no nonce to
 * echo, and with `NobodySigns` everything before the first Local Account is registered; all else is said in a reply.
 */
export async function answerMessage(door: Door, body: Buffer, origin: Origin): Promise<Buffer> {
  const arrival = { origin, correlationId: randomUUID(), receivedAt: door.context.clock.now() }
  const ofTheServer = await serverSigner(door.context)
  const leave = door.limits.arrive(origin.source)
  if (!leave) return door.turnstile.pass(() => sendAway(door, arrival, body, ofTheServer))
  return within(leave, async () => {
    // 3. The envelope is well formed.
    const envelope = openEnvelope(body)
    if (envelope instanceof Malformed) return answerUnopened(door, arrival, ofTheServer, envelope)
    const { text, result, signer } = await answerOpened(door, { ...arrival, envelope }, ofTheServer)
    return signAnswered(door, { ...arrival, envelope }, { text, result, signer })
  })
}

/**
 * Tells a message to come again for which there is no place. What it says by itself is judged all the same, steps 3 to 6; the server signs, and nothing
 * has been asked of the database then.
 */
async function sendAway(door: Door, arrival: Arrival, body: Buffer, signer: MessageSigner): Promise<Buffer> {
  const envelope = openEnvelope(body)
  if (envelope instanceof Malformed) return answerUnopened(door, arrival, signer, envelope)
  const message = { ...arrival, envelope }
  try {
    checkEnvelope(message)
    throw new Busy('Too many messages have come at once.')
  } catch (error) {
    return signAnswered(door, message, { ...refused(door, message, signer, error), signer })
  }
}

function signAnswered(
  door: Door,
  { envelope, origin }: Message,
  { text, result, signer }: Answered & { signer: MessageSigner },
): Promise<Buffer> {
  const type = envelope.header.request_type
  door.counters.count(isRequestType(type) ? type : 'unknown', origin.transport, result)
  return signReply(signer, text)
}

function openEnvelope(body: Buffer): RequestEnvelope | Malformed {
  try {
    return openRequest(body)
  } catch (error) {
    if (error instanceof Malformed && error.nonce !== undefined) return error
    throw error
  }
}

/** Of a message that could not be opened only the nonce is known: the reply echoes it, and the server signs. */
function answerUnopened(door: Door, arrival: Arrival, signer: MessageSigner, error: Malformed): Promise<Buffer> {
  door.counters.count('unknown', arrival.origin.transport, 'MALFORMED')
  return signReply(signer, writeReply(arrival, { nonce: error.nonce! }, signer, malformed(error)))
}

/** Steps 4 to 13. Whatever is thrown on the way is answered; what is thrown before step 12 leaves no trace but a count. */
async function answerOpened(door: Door, message: Message, ofTheServer: MessageSigner): Promise<Answered & { signer: MessageSigner }> {
  let signer = ofTheServer
  try {
    const claim = await whoSends(door, message.envelope)
    signer = await signerFor(door.context, claim.account, message.receivedAt)
    // 4 to 9. Who it is, proved.
    const verified = await checkMessage(door, message, claim)
    // 10. A message that was answered before is answered the same, and nothing is done again.
    const earlier = await earlierAnswer(door, verified)
    if (earlier !== undefined) return { text: earlier, result: 'REPEATED', signer }
    // 11. No more than this server can do; 12 and 13. What it asks for.
    const answered = await within(enter(door, message, verified), () => handleMessage({ door, message, verified, signer }))
    return { ...answered, signer }
  } catch (error) {
    return { ...refused(door, message, signer, error), signer }
  }
}

async function earlierAnswer(door: Door, verified: Verified): Promise<string | undefined> {
  if (verified.kind === 'nobody') return undefined
  const earlier = verified.kind === 'instance' ? verified.earlier : await door.lanes.earlierReplies.submit(verified.receipt)
  return sameAnswer(earlier, verified.receipt)
}

/** A commit takes milliseconds; one that takes so many waits for a standby that is gone, and another message would only wait behind it. */
const standstill = 5 * second

/** A place for what a message asks for: step 11. "Until then writes wait; products get OK_TRY_AGAIN", before anything is done for them. */
function enter({ limits, context }: Door, { origin }: Message, verified: Verified): Leave {
  if (context.storage.commitsWait() > standstill) throw new Busy('Commits wait for the standby.')
  const leave = limits.enter({
    source: origin.source,
    account: verified.account?.id,
    isRegistration: verified.kind === 'applicant' || verified.kind === 'waiting',
    tokenId: verified.kind === 'applicant' ? verified.token?.id : undefined,
  })
  if (!leave) throw new Busy('Too many messages are under way.')
  return leave
}

async function within<Result>(leave: Leave, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } finally {
    leave()
  }
}

/** What is said instead of an answer. */
function refused(door: Door, message: Message, signer: MessageSigner, error: unknown): Answered {
  const answer = answerTo(door, message, error)
  return { text: writeReply(message, echoOf(message.envelope), signer, answer), result: resultOf(answer) }
}

/** Messages that do no harm when they are done twice under two nonces, and whose reply carries nothing that would be lost. */
const repeatable: ReadonlySet<string> = new Set(['AUTHORIZATION', 'HELLO', 'REGISTRATION_ACK', 'DEREGISTRATION'])

/**
 * A refusal is said, a fault is logged: of it only a number leaves. Without the database nothing is said: a product that is told SERVER_ERROR
 * begins anew under another nonce, though what it asked for may have been committed, and one that gets no signed reply sends the same bytes
 * again, which the replay memory answers. Where only the outcome of the commit is unknown, whoever may ask anew is told when.
 */
function answerTo(door: Door, { envelope, correlationId }: Message, error: unknown): Answer {
  if (error instanceof Busy) return tryAgain()
  if (isOutcomeUnknown(error) && repeatable.has(envelope.header.request_type)) return tryAgain()
  if (isOutage(error)) throw error
  const refusal = isRefusal(error) && refusalAnswer(error, envelope)
  if (refusal) return refusal
  door.context.log.error({ err: error, correlationId, type: envelope.header.request_type }, 'A message could not be answered')
  return serverError(correlationId)
}
