import { answerOnce } from '../licensing/answerOnce.ts'
import type { MessageSigner } from '../pki/authority.ts'
import { echoOf } from '../wire/envelope.ts'
import type { RequestType } from '../wire/messages/types.ts'
import type { Verified } from './checkMessage.ts'
import type { Answered, Door, Message } from './message.ts'
import { authorization } from './messages/authorization.ts'
import { conversion } from './messages/conversion.ts'
import { deregistration } from './messages/deregistration.ts'
import { hello, signedHello } from './messages/hello.ts'
import { idCertRenewal } from './messages/idCertRenewal.ts'
import { poll, registrationPoll } from './messages/poll.ts'
import { registration } from './messages/registration.ts'
import { registrationAck } from './messages/registrationAck.ts'
import { isRefusal, refusalAnswer } from './refusals.ts'
import { writeReply } from './reply.ts'

/** A message whose sender is proved, on its way to its handler. */
export type Task<Kind extends Verified['kind'] = Verified['kind']> = {
  door: Door
  message: Message
  verified: Extract<Verified, { kind: Kind }>
  signer: MessageSigner
}

/** What a registered product may send. */
const handlers: Record<Exclude<RequestType, 'REGISTRATION'>, (task: Task<'instance'>) => Promise<Answered>> = {
  REGISTRATION_ACK: registrationAck,
  ID_CERT_RENEWAL: idCertRenewal,
  AUTHORIZATION: authorization,
  DEREGISTRATION: deregistration,
  POLL: poll,
  DLC: conversion,
  HELLO: signedHello,
}

const handle = (task: Task): Promise<Answered> => {
  switch (task.verified.kind) {
    case 'applicant':
      return registration(task as Task<'applicant'>)
    case 'waiting':
      return registrationPoll(task as Task<'waiting'>)
    case 'nobody':
      return hello(task as Task<'nobody'>)
    case 'instance':
      return handlers[task.verified.type as keyof typeof handlers](task as Task<'instance'>)
  }
}

/**
 * Steps 12 and 13 of wire-device 5.3: each handler reads its message and does what it asks. A refusal is remembered like any other answer, and
 * nothing else is written with it.
 */
export async function handleMessage(task: Task): Promise<Answered> {
  const { door, message, verified, signer } = task
  try {
    return await handle(task)
  } catch (error) {
    const held = verified.kind === 'waiting' ? verified.poll : undefined
    const refusal = isRefusal(error) && refusalAnswer(error, message.envelope, held?.request)
    if (!refusal || verified.kind === 'nobody') throw error
    log(task, verified.type, refusal.message_code)
    const text = writeReply(message, echoOf(message.envelope), signer, held ? { ...refusal, action: held.action } : refusal)
    return { text: await answerOnce(door.context, verified.receipt, async () => text), result: refusal.message_code }
  }
}

function log({ door, message, verified }: Task, type: RequestType, code: string): void {
  const { correlationId, envelope, origin } = message
  const { product_instance_identifier: productInstanceId } = envelope.header
  const from = { localAccountId: verified.account?.id, productInstanceId, source: origin.address }
  door.context.log.info({ correlationId, type, code, ...from }, 'A message was refused')
}
