import { deregisterProductInstance } from '../../licensing/removeProductInstance.ts'
import { parseRequestData } from '../../wire/messages/index.ts'
import type { Task } from '../handleMessage.ts'
import type { Answered } from '../message.ts'
import { done, signedBy, written } from '../reply.ts'

/** DEREGISTRATION: the product takes its leave. */
export async function deregistration(task: Task<'instance'>): Promise<Answered> {
  const { door, message, verified } = task
  parseRequestData('DEREGISTRATION', message.envelope.data)
  const text = await deregisterProductInstance(door.context, verified.receipt, signedBy(verified.sender), () => written(task, done))
  return { text, result: 'OK' }
}
