import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { exchangeSteps, type Synchronization } from '../rules/exchanges.ts'
import { Refusal } from '../rules/refusal.ts'
import { findProgress } from '../storage/synchronizationProgress.ts'
import { findSchedule } from '../storage/synchronizationSchedules.ts'
import { findLatestSynchronization, findOutstandingSynchronization, getSynchronization } from '../storage/synchronizations.ts'
import { synchronizeLocalAccount } from '../synchronization/synchronizeLocalAccount.ts'
import { maybeMoment, maybeWritten, moment, oneOf, written } from './fields.ts'
import { type Answer, inAccount, onAccount, type Route } from './route.ts'
import { Outcome } from './send.ts'
import { standingAnswer, standingEntry } from './standing.ts'

/** An exchange with the cloud, as answers tell of it. */
export const job = z.object({
  id: z.int(),
  type: z.enum(['registration', 'standard', 'full']),
  carrier: z.enum(['network', 'manual']),
  state: z.enum(['prepared', 'outstanding', 'applied', 'refused', 'cancelled', 'failed']),
  sequence: z.int(),
  requestedBy: z.string(),
  createdAt: moment,
  finishedAt: maybeMoment,
  code: z.string().nullable(),
  message: z.string().nullable(),
})

/** The same, of one that is known. */
export const jobEntry = (exchange: Synchronization): z.input<typeof job> => ({
  id: exchange.id,
  type: exchange.kind,
  carrier: exchange.carrier,
  state: exchange.state,
  sequence: exchange.sequence,
  requestedBy: exchange.requestedBy,
  createdAt: written(exchange.createdAt),
  finishedAt: maybeWritten(exchange.finishedAt),
  code: exchange.code,
  message: exchange.message,
})

/** How far an exchange that is under way is; null while none is. */
const progress = z.object({ step: z.enum(exchangeSteps), done: z.int(), total: z.int().nullable() }).nullable()

const path = '/api/v1/accounts/{account}/synchronization'
const tag = 'Synchronization'

export const synchronizationRoutes: Route[] = [
  inAccount({
    method: 'get',
    path,
    operation: 'getSynchronization',
    tag,
    summary: 'Tell how an account stands with the cloud, and its latest exchange',
    scope: 'read',
    act: 'see account',
    answer: z.object({ ...standingAnswer, job: job.nullable(), progress }),
    async handle({ context, account, now }) {
      const latest = await findLatestSynchronization(context.storage.pages, account.id)
      const { nextAt } = await findSchedule(context.storage.pages, account.id)
      return {
        ...standingEntry(account, now, nextAt ?? undefined),
        job: latest ? jobEntry(latest) : null,
        progress: (await findProgress(context.storage.pages, account.id, now)) ?? null,
      }
    },
  }),
  onAccount({
    method: 'post',
    path,
    operation: 'synchronize',
    tag,
    summary: 'Synchronize an account with the cloud over the network',
    description:
      'Answers 200 with the exchange when it is applied within some seconds, and otherwise 202 with the job under way. Where the cloud asks for a full exchange, it gets one at once.',
    scope: 'accounts',
    act: 'manage account',
    body: z.object({ type: oneOf('standard', 'full').default('standard') }),
    answer: z.object({ job }),
    also: { 202: 'It is under way; the job tells what becomes of it.' },
    async handle({ context, door, caller, account, body }) {
      const { db } = context.storage
      const underWay = await findOutstandingSynchronization(db, account.id)
      // A courier's request may wait for weeks, and gives way; one on the network is about to end.
      if (underWay?.carrier === 'network') return joined(underWay, body.type)
      return outcomeOf(synchronizeLocalAccount(context, caller.who, account.id, body.type), door.patience, () =>
        findOutstandingSynchronization(db, account.id),
      )
    },
  }),
  inAccount({
    method: 'get',
    path: `${path}/{job}`,
    operation: 'getSynchronizationJob',
    tag,
    summary: 'Tell what became of an exchange',
    scope: 'read',
    act: 'see account',
    answer: z.object({ job, progress }),
    async handle({ context, account, parameters, now }) {
      const { pages } = context.storage
      const id = /^\d{1,15}$/.test(parameters.job!) ? Number(parameters.job) : 0
      const exchange = await getSynchronization(pages, { localAccountId: account.id, id })
      const runs = exchange.state === 'prepared' || exchange.state === 'outstanding'
      return { job: jobEntry(exchange), progress: (runs && (await findProgress(pages, account.id, now))) || null }
    },
  }),
]

/** Asking again while an exchange is on its way is the same job: a new request would cancel it. A full one is more than a standard one. */
function joined(underWay: Synchronization, type: 'standard' | 'full'): Outcome {
  if (type === 'full' && underWay.kind !== 'full') {
    throw new Refusal('CONFLICT', `A ${underWay.kind} exchange is under way (job ${underWay.id}). Ask again when it has ended.`)
  }
  return new Outcome(202, { job: jobEntry(underWay) })
}

/** The exchange if it ends soon, and otherwise the job that is under way: as soon as there is one, for it is written before it leaves. */
async function outcomeOf(
  finished: Promise<Synchronization>,
  patience: number,
  findUnderWay: () => Promise<Synchronization | undefined>,
): Promise<Answer | Outcome> {
  // Whoever does not wait for a failure finds it in the job; it must not end the process.
  finished.catch(() => undefined)
  for (;;) {
    const done = await Promise.race([finished, pause(patience, undefined, { ref: false })])
    if (done) return { job: jobEntry(done) }
    const underWay = await findUnderWay()
    if (underWay) return new Outcome(202, { job: jobEntry(underWay) })
  }
}
