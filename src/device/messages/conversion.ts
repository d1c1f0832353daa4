import { askForConversion, convertLicenses } from '../../licensing/convertLicenses.ts'
import { pollInterval } from '../../rules/lifetimes.ts'
import { Refusal } from '../../rules/refusal.ts'
import type { Conversion } from '../../storage/conversions.ts'
import type { Answer } from '../../wire/envelope.ts'
import type { ConversionReply } from '../../wire/messages/conversion.ts'
import { parseRequestData } from '../../wire/messages/index.ts'
import type { Task } from '../handleMessage.ts'
import { Busy } from '../lanes.ts'
import type { Answered } from '../message.ts'
import { written } from '../reply.ts'

/** DLC: the product's wish is kept for the cloud. "Reply `OK_POLL` (`action:"conversion"`)", always: the cloud decides. */
export async function conversion(task: Task<'instance'>): Promise<Answered> {
  const { door, message, verified } = task
  const request = parseRequestData('DLC', message.envelope.data)
  try {
    const wish = { sender: verified.sender, request }
    const text = await convertLicenses(door.context, verified.receipt, wish, pollId => written(task, stillAtWork(pollId)))
    return { text, result: 'OK_POLL' }
  } catch (error) {
    if (error instanceof Refusal && error.code === 'TOO_MANY') throw new Busy(error.message)
    throw error
  }
}

/** POLL for a conversion: the results, or OK_POLL with what is known so far: a line that the cloud has not decided is `PENDING_UPSTREAM`. */
export async function conversionPoll(task: Task<'instance'>, pollId: number): Promise<Answered> {
  const { door, verified } = task
  let result = 'OK'
  const text = await askForConversion(door.context, verified.receipt, { sender: verified.sender, pollId }, conversion => {
    const data = replyOf(conversion)
    if (conversion.finishedAt) return written(task, { status: 'OK', data, action: 'conversion' })
    result = 'OK_POLL'
    return written(task, { ...stillAtWork(pollId), data })
  })
  return { text, result }
}

const stillAtWork = (pollId: number) =>
  ({
    status: 'OK_POLL' as const,
    poll_id: pollId,
    poll_interval: pollInterval / 1000,
    action: 'conversion',
  }) satisfies Answer

const replyOf = ({ conversionId, results }: Conversion): ConversionReply => ({ conversion_id: conversionId, results })
