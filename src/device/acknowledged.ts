import { orMeanwhile } from '../licensing/answerOnce.ts'
import type { Task } from './handleMessage.ts'
import type { Answered } from './message.ts'
import { done, signedBy, written } from './reply.ts'

/** Answers OK to a message that says no more than "I am here, under this certificate": with the group that goes next. */
export async function acknowledged(task: Task<'instance'>): Promise<Answered> {
  const { door, verified } = task
  const { receipt } = verified
  const acknowledgement = { receipt, signed: signedBy(verified.sender), write: () => written(task, done) }
  return { text: await orMeanwhile(door.context, receipt, door.lanes.acknowledgements.submit(acknowledgement)), result: 'OK' }
}
