import { setTimeout as pause } from 'node:timers/promises'
import type { Carried, CloudCredentials } from '../cloud/carrier.ts'
import type { Context } from '../context.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import { minute, second } from '../rules/clock.ts'
import type { Synchronization } from '../rules/exchanges.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { getLocalAccount } from '../storage/localAccounts.ts'
import { getServerIdentity } from '../storage/serverIdentity.ts'
import { getExchangeFile, markCarried, markOutstanding } from '../storage/synchronizations.ts'
import { openCloudCredentials } from './cloudCredentials.ts'
import type { Tell } from './tellProgress.ts'

/** How long the cloud may take before its answer is fetched another time; the request stays good. */
const patience = 15 * minute
const longestPause = 30 * second
/** However short the cloud's pauses are: after some questions they are never shorter than a second, so that nobody asks without end. */
const shortestPause = (questions: number) => Math.min(questions * 20, second)
/** How often whoever carries an exchange says so, so that others can tell when nobody does (resumeExchanges). */
const heartbeat = 30 * second

/** What the cloud said instead of an answer, for good: the request has come to its end. */
export class CloudRefusal extends Error {
  readonly code: string
  readonly sentence: string

  constructor(code: string, sentence: string) {
    super(sentence)
    this.name = 'CloudRefusal'
    this.code = code
    this.sentence = sentence
  }
}

/**
 * Carries a prepared request to the cloud over the network and brings its answer, asking as often as the cloud says. May be done again for
 * the same request: the cloud answers it as it did before. Throws CloudRefusal for its no, and refuses when no answer comes back.
 */
export async function carryExchange(context: Context, exchange: Synchronization, tell: Tell): Promise<string> {
  const { db } = context.storage
  const credentials = await openCloudCredentials(context, exchange.localAccountId)
  const account = await getLocalAccount(db, exchange.localAccountId)
  const container = await getExchangeFile(db, exchange, 'request')
  await markOutstanding(db, exchange, context.clock.now())
  const beat = setInterval(() => markCarried(db, exchange, context.clock.now()).catch(() => undefined), heartbeat)
  try {
    return await bringAnswer(context, { exchange, account, container: container! }, credentials, tell)
  } finally {
    clearInterval(beat)
  }
}

async function bringAnswer(
  context: Context,
  { exchange, account, container }: { exchange: Synchronization; account: LocalAccount; container: string },
  credentials: CloudCredentials,
  tell: Tell,
): Promise<string> {
  const carried = await context.cloud.carry(
    {
      exchange: exchange.kind === 'registration' ? 'registration' : 'synchronization',
      container,
      serverUuid: (await getServerIdentity(context.storage.db)).serverUuid,
      smartAccountId: account.smartAccount.id,
      virtualAccountId: account.virtualAccount.id,
    },
    credentials,
    (bytes, of) => tell('sending', bytes, of),
  )
  tell('waiting')
  const answer = await waitForAnswer(context, carried, credentials)
  if (answer.status === 'refused') throw new CloudRefusal(answer.code, answer.sentence)
  return answer.container
}

async function waitForAnswer(context: Context, first: Carried, credentials: CloudCredentials) {
  const begun = performance.now()
  let carried = first
  for (let questions = 0; carried.status === 'waiting'; questions++) {
    const soFar = performance.now() - begun
    refuseUnless(soFar < patience, 'CLOUD_UNREACHABLE', 'The cloud has not answered within 15 minutes. Try again later.')
    await pause(Math.max(shortestPause(questions), Math.min(carried.intervalSeconds * second, longestPause)))
    carried = await context.cloud.ask(carried.pollId, credentials)
  }
  return carried
}

const known = ['VIRTUAL_ACCOUNT_IN_USE', 'ACCOUNT_EXPIRED', 'WRONG_ACCOUNT', 'FILE_REPLAYED', 'UNSUPPORTED_VERSION'] as const

/** The cloud's no, as this server says it: with the cloud's sentence, and its code where people can act on it. */
export const asRefusal = ({ code, sentence }: Pick<CloudRefusal, 'code' | 'sentence'>): Refusal =>
  new Refusal(known.find(each => each === code) ?? 'CLOUD_REFUSED', sentence)
