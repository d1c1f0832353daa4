import type { Context } from '../context.ts'
import { second } from '../rules/clock.ts'
import type { ExchangeProgress } from '../rules/exchanges.ts'
import { deleteProgress, putProgress } from '../storage/synchronizationProgress.ts'

/** Says how far an exchange is. It costs whoever says it nothing, and never fails. */
export type Tell = (step: ExchangeProgress['step'], done?: number, total?: number | null) => void

/** For what nobody watches. */
export const untold: Tell = () => undefined

const tellEvery = second

/**
 * Does a long work on an account's exchange and lets it tell how far it is, at most once a second, by a connection of its own: what is under way
 * in a transaction shows to nobody. With the end of the work it is forgotten.
 */
export async function tellingProgress<T>(
  { storage, clock, log }: Context,
  localAccountId: number,
  work: (tell: Tell) => Promise<T>,
): Promise<T> {
  let [toldAt, toldStep] = [Number.NEGATIVE_INFINITY, '']
  let last: Promise<unknown> = Promise.resolve()
  const then = (write: () => Promise<void>) => {
    last = last
      .then(write)
      .catch((error: Error) => log.warn({ reason: error.message, localAccountId }, 'How far an exchange is could not be told'))
  }
  try {
    return await work((step, done = 0, total = null) => {
      if (step === toldStep && performance.now() - toldAt < tellEvery) return
      ;[toldAt, toldStep] = [performance.now(), step]
      then(() => putProgress(storage.db, localAccountId, { step, done, total }, clock.now()))
    })
  } finally {
    then(() => deleteProgress(storage.db, localAccountId))
    await last
  }
}
