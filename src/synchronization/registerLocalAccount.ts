import type { Context } from '../context.ts'
import { canBe } from '../rules/accountLife.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import { isWorthCarryingAgain, type Synchronization } from '../rules/exchanges.ts'
import { Refusal } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { findLocalAccountByName, getLocalAccount } from '../storage/localAccounts.ts'
import { findLatestSynchronization } from '../storage/synchronizations.ts'
import { keepCloudCredentials } from './cloudCredentials.ts'
import { completeExchange } from './completeExchange.ts'
import { prepareRegistration, type Registration } from './prepareRegistration.ts'

/**
 * Registers a Local Account with the cloud over the network: makes it, unless it was requested before, carries its request and applies the
 * answer. What was asked and never answered is asked again in the same words, so that a lost answer costs nothing.
 * Refuses with the cloud's sentence (no such Smart Account, a Virtual Account in use), or why there was no answer; the account then is as it was
 * before (a new one: requested), its exchange says why, and the same call can be made again.
 */
export async function registerLocalAccount(context: Context, who: Person, registration: Registration): Promise<LocalAccount> {
  const unanswered = await findUnanswered(context, who, registration)
  const exchange = unanswered ?? (await prepareRegistration(context, who, registration, 'network'))
  const end = await completeExchange(context, who, exchange)
  if (end.state !== 'applied') throw new Refusal('CLOUD_REFUSED', end.message ?? 'The cloud has not registered this account.')
  return getLocalAccount(context.storage.db, exchange.localAccountId)
}

async function findUnanswered(context: Context, who: Person, registration: Registration): Promise<Synchronization | undefined> {
  const { db } = context.storage
  const account = await findLocalAccountByName(db, registration.name.trim())
  if (!account || !canBe('register', account)) return undefined
  const latest = await findLatestSynchronization(db, account.id)
  if (latest?.kind !== 'registration' || !isSameRequest(latest, registration)) return undefined
  if (!isWorthCarryingAgain(latest, account.privacy, context.clock.now())) return undefined
  if (registration.credentials) await keepCloudCredentials(context, db, account.id, registration.credentials, who.name)
  return latest
}

const isSameRequest = ({ summary: { asked } }: Synchronization, { smartAccount, virtualAccount }: Registration) =>
  asked?.smartAccount === smartAccount.trim() && asked.virtualAccount === virtualAccount.trim()
