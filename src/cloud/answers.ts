import { z } from 'zod'
import { Refusal } from '../rules/refusal.ts'
import type { Carried } from './carrier.ts'

const token = z.object({ access_token: z.string().min(1).max(16384), expires_in: z.coerce.number().positive() })

/** What the cloud's sign-on gave. */
export type AccessToken = z.output<typeof token>

const wait = z.object({
  status: z.literal('OK_POLL'),
  poll_id: z.union([z.string().min(1).max(128), z.int().nonnegative()]).transform(String),
  poll_interval: z.number().min(0).max(86_400),
})
const complete = z.object({
  status: z.literal('COMPLETE'),
  nonce: z.string().optional(),
  data: z.object({
    synchronizations: z
      .array(
        z.object({
          // The container as an object in the answer, or as a text in it.
          file: z
            .union([z.string(), z.record(z.string(), z.unknown())])
            .transform(file => (typeof file === 'string' ? file : JSON.stringify(file))),
        }),
      )
      .min(1),
  }),
})
const failed = z.object({
  status: z.literal('FAILED'),
  message_code: z.string().nullish(),
  message: z.string().nullish(),
})
const answer = z.discriminatedUnion('status', [wait, complete, failed])

const strange = () =>
  new Refusal('CLOUD_UNREACHABLE', 'What answered was not understood: is the address in QUARTERMASTER_CLOUD_URL really that of the cloud?')

function parse<T extends z.ZodType>(schema: T, body: Buffer): z.output<T> {
  try {
    return schema.parse(JSON.parse(body.toString('utf8')))
  } catch {
    throw strange()
  }
}

/** Reads the answer of the sign-on. Refuses what is none. */
export const readToken = (body: Buffer): AccessToken => parse(token, body)

/**
 * Reads the answer to a carried container or to a poll (7.1). With `nonce`, refuses an answer to another question. Refuses what is no answer
 * of the cloud.
 */
export function readAnswer(body: Buffer, nonce?: string): Carried {
  const read = parse(answer, body)
  if (read.status === 'OK_POLL') return { status: 'waiting', pollId: read.poll_id, intervalSeconds: read.poll_interval }
  if (read.status === 'FAILED') {
    return { status: 'refused', code: read.message_code || 'FAILED', sentence: read.message || 'The cloud said no and did not say why.' }
  }
  if (nonce !== undefined && read.nonce !== nonce) throw strange()
  return { status: 'complete', container: read.data.synchronizations[0]!.file }
}
