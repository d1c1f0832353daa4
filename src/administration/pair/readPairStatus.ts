import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { fences, nodeStates, type PairStatus } from '../../rules/pair.ts'

const moment = z.iso.datetime({ offset: true }).transform(text => new Date(text))

const schema: z.ZodType<PairStatus> = z.object({
  at: moment,
  node: z.string(),
  peer: z.string(),
  state: z.enum(nodeStates),
  epoch: z.number().int(),
  mode: z.enum(['sync', 'alone']).nullable(),
  virtualIp: z.string(),
  sentence: z.string(),
  lagBytes: z.number().nullable(),
  replication: z.enum(['synchronous', 'asynchronous', 'none']),
  fence: z.enum(fences),
  witness: z.object({ url: z.string(), reachable: z.boolean() }).nullable(),
  release: z.string(),
  peerRelease: z.string().nullable(),
  history: z.array(z.object({ at: moment, sentence: z.string() })),
})

/**
 * What the agent of the pair said last; undefined on a stand-alone server, which has none. The file is the agent's, and this server only reads it: one
 * that cannot be read for what it is goes into the log, and counts as none.
 */
export function readPairStatus({ config, log }: Pick<Context, 'config' | 'log'>): PairStatus | undefined {
  try {
    const status = schema.parse(JSON.parse(readFileSync(config.pairStatusFile, 'utf8')))
    return status.state === 'stand-alone' ? undefined : status
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.warn({ err: error }, 'The status of the pair cannot be read')
    return undefined
  }
}
