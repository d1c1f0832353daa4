import { answerOnce } from '../../licensing/answerOnce.ts'
import { finishHeldRegistration } from '../../licensing/holdRegistration.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { parseRequestData } from '../../wire/messages/index.ts'
import type { Task } from '../handleMessage.ts'
import type { Answered } from '../message.ts'
import { written } from '../reply.ts'
import { serverSigner } from '../signers.ts'
import { conversionPoll } from './conversion.ts'
import { mustWait, registrationReply, stillWaiting } from './registration.ts'

/** POLL of a registration that waits, signed with the CSR's key: "OK_POLL again, or the final answer exactly as the original request would have got it". */
export async function registrationPoll(task: Task<'waiting'>): Promise<Answered> {
  const { door, message, verified } = task
  const { poll, publicKey, receipt, account } = verified
  const data = parseRequestData('POLL', message.envelope.data)
  refuseUnless(data.action === poll.action, 'UNKNOWN_POLL', 'The poll is not known.', 'poll_id')
  if (!poll.answer && (await mustWait(task, poll.localAccountId))) {
    const text = await answerOnce(door.context, receipt, async () => written(task, stillWaiting(poll.id)))
    return { text, result: 'OK_POLL' }
  }
  const ofTheServer = await serverSigner(door.context)
  const text = await finishHeldRegistration(
    door.context,
    receipt,
    { poll, publicKey },
    identity => registrationReply(identity, account!, ofTheServer),
    reply => written(task, { status: 'OK', data: reply, action: 'registration' }),
  )
  return { text, result: 'OK' }
}

/** POLL of a registered product, which can only wait for a conversion. */
export async function poll(task: Task<'instance'>): Promise<Answered> {
  const data = parseRequestData('POLL', task.message.envelope.data)
  refuseUnless(data.action === 'conversion', 'UNKNOWN_POLL', 'The poll is not known.', 'poll_id')
  return conversionPoll(task, data.poll_id)
}
