import { parseRequestData } from '../../wire/messages/index.ts'
import { acknowledged } from '../acknowledged.ts'
import type { Task } from '../handleMessage.ts'
import type { Answered } from '../message.ts'
import { done, written } from '../reply.ts'

/** HELLO without a signature, which it alone may come without: "OK with connect_info", which every reply's header has. Nothing is kept of it. */
export async function hello(task: Task<'nobody'>): Promise<Answered> {
  parseRequestData('HELLO', task.message.envelope.data)
  return { text: written(task, done), result: 'OK' }
}

/** A signed one is a sign of life, and the acknowledgement of a new certificate like any other message. */
export async function signedHello(task: Task<'instance'>): Promise<Answered> {
  parseRequestData('HELLO', task.message.envelope.data)
  return acknowledged(task)
}
