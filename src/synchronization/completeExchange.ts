import type { Context } from '../context.ts'
import type { Synchronization } from '../rules/exchanges.ts'
import { Refusal } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { raiseAlert } from '../storage/alerts.ts'
import { recordEvent } from '../storage/events.ts'
import { finishSynchronization, getSynchronization } from '../storage/synchronizations.ts'
import { applySynchronization } from './applySynchronization.ts'
import { asRefusal, CloudRefusal, carryExchange } from './carryExchange.ts'
import { type Tell, untold } from './tellProgress.ts'

/**
 * Carries a prepared request over the network and applies the answer. Whatever happens, the exchange ends with a sentence that a page can
 * show, and an alert where it failed; what failed is thrown as well.
 */
export async function completeExchange(
  context: Context,
  who: Person,
  exchange: Synchronization,
  tell: Tell = untold,
): Promise<Synchronization> {
  try {
    const file = await carryExchange(context, exchange, tell)
    tell('applying')
    return await applySynchronization(context, who, { localAccountId: exchange.localAccountId, file })
  } catch (error) {
    // Two processes may have carried the same request; the other one has applied the answer.
    if (error instanceof Refusal && error.code === 'FILE_SAME') return getSynchronization(context.storage.db, exchange)
    await recordFailure(context, who, exchange, error)
    throw error instanceof CloudRefusal ? asRefusal(error) : error
  }
}

function sayWhy(error: unknown): { state: 'refused' | 'failed'; code: string; message: string } {
  if (error instanceof CloudRefusal) return { state: 'refused', code: error.code, message: error.sentence }
  if (error instanceof Refusal) return { state: 'failed', code: error.code, message: error.message }
  return { state: 'failed', code: 'FAULT', message: 'Something went wrong in this server; its log says what. Try again later.' }
}

async function recordFailure(context: Context, who: Person, exchange: Synchronization, error: unknown): Promise<void> {
  const why = sayWhy(error)
  const { localAccountId } = exchange
  const what = exchange.kind === 'registration' ? 'registration' : 'synchronization'
  if (why.code === 'FAULT') context.log.error({ err: error, localAccountId, synchronization: exchange.id }, `A ${what} failed`)
  await context.storage.transaction(async tx => {
    const at = context.clock.now()
    await finishSynchronization(tx, exchange, { ...why, at })
    await recordEvent(tx, { localAccountId, at, kind: 'synchronization', message: `The ${what} failed: ${why.message}`, who: who.name })
    await raiseAlert(tx, {
      localAccountId,
      kind: 'synchronization failed',
      subject: 'cloud',
      severity: 'major',
      source: 'Synchronization',
      message: why.message,
      action: 'Mend what the message names, then synchronize again.',
      at,
    })
  })
}
