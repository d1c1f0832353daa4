import type { Context } from '../context.ts'
import { refuseUnlessCan } from '../rules/accountLife.ts'
import { type Synchronization, tellsTooMuch } from '../rules/exchanges.ts'
import { refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { findLocalAccountByName, getLocalAccount } from '../storage/localAccounts.ts'
import { findOutstandingSynchronization, getExchangeFile, markOutstanding } from '../storage/synchronizations.ts'
import { prepareRegistration, type Registration } from './prepareRegistration.ts'
import { prepareSynchronization } from './prepareSynchronization.ts'
import { tellingProgress } from './tellProgress.ts'

/**
 * Writes the request of a synchronization for a courier. "Creating a new request while one is outstanding cancels the old": whoever asks has been
 * warned. One that is on the network at this moment is not cancelled: it ends within minutes, and the cloud may have taken it.
 */
export async function prepareFile(
  context: Context,
  who: Person,
  { localAccountId, type }: { localAccountId: number; type: 'standard' | 'full' },
): Promise<Synchronization> {
  await refuseWhileOnNetwork(context, localAccountId)
  refuseUnlessCan('synchronize', await getLocalAccount(context.storage.db, localAccountId))
  const wish = { localAccountId, kind: type, reason: 'MANUAL', carrier: 'manual' } as const
  return tellingProgress(context, localAccountId, tell => prepareSynchronization(context, who, wish, tell))
}

/** Writes the registration request of an account for a courier; the account is made, unless it was asked for before. */
export async function prepareRegistrationFile(context: Context, who: Person, registration: Registration): Promise<Synchronization> {
  const known = await findLocalAccountByName(context.storage.db, registration.name.trim())
  if (known) await refuseWhileOnNetwork(context, known.id)
  return prepareRegistration(context, who, registration, 'manual')
}

async function refuseWhileOnNetwork(context: Context, localAccountId: number): Promise<void> {
  const underWay = await findOutstandingSynchronization(context.storage.db, localAccountId)
  refuseUnless(
    underWay?.carrier !== 'network',
    'CONFLICT',
    'An exchange by network is under way. It ends within minutes: prepare the file then.',
  )
}

/**
 * Gives the file of a request to whoever carries it, as often as they ask while it waits: from the first time on it is outstanding. Refuses one
 * that tells what has been withheld since it was written.
 */
export async function handOut(context: Context, exchange: Synchronization): Promise<string> {
  const { db } = context.storage
  const waits = exchange.state === 'prepared' || exchange.state === 'outstanding'
  refuseUnless(
    waits && exchange.carrier === 'manual',
    'NO_PENDING_REQUEST',
    'This request waits for no courier any more. Prepare a new one.',
  )
  const { privacy } = await getLocalAccount(db, exchange.localAccountId)
  refuseUnless(!tellsTooMuch(exchange, privacy), 'CONFLICT', 'This request tells what is withheld from the cloud since. Prepare a new one.')
  if (exchange.state === 'prepared') await markOutstanding(db, exchange, context.clock.now())
  return (await getExchangeFile(db, exchange, 'request'))!
}
