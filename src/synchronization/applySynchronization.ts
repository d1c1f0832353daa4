import type { Context } from '../context.ts'
import type { LocalAccount } from '../rules/accounts.ts'
import type { Synchronization } from '../rules/exchanges.ts'
import type { Person } from '../rules/roles.ts'
import { clearAlert } from '../storage/alerts.ts'
import type { Db } from '../storage/db.ts'
import { getLocalAccount, lockLocalAccount } from '../storage/localAccounts.ts'
import { getServerIdentity } from '../storage/serverIdentity.ts'
import {
  findLatestAnswer,
  findOutstandingSynchronization,
  getExchangeFile,
  getSynchronization,
  lockSynchronization,
} from '../storage/synchronizations.ts'
import { deleteUploadedResponse } from '../storage/uploadedResponses.ts'
import { applyRegistrationResponse } from './applyRegistrationResponse.ts'
import { applySyncResponse } from './applySyncResponse.ts'
import { refuseDoubtful } from './doubts.ts'
import { type OpenedResponse, openResponse } from './openResponse.ts'
import { settleSynchronizationAlerts } from './settleSynchronizationAlerts.ts'

/** The exchange that a response answers, with all that its parts are applied to. */
export type Answer = { account: LocalAccount; exchange: Synchronization; response: OpenedResponse; who: Person; now: Date }

/**
 * Applies the cloud's answer to the one outstanding request of an account, a registration's or a synchronization's, however it came here:
 * certificates, entitlements and what rests on them, the chain, an event and the end of the request are one transaction. Gives the exchange as
 * it ended: applied, or refused by the cloud with its sentence. Refuses (and leaves the request waiting) what is not its answer.
 */
export async function applySynchronization(
  context: Context,
  who: Person,
  { localAccountId, file }: { localAccountId: number; file: string | Uint8Array },
): Promise<Synchronization> {
  const response = await openResponse(context, file)
  const exchange = await context.storage.transaction(async tx => {
    const now = context.clock.now()
    const account = await lockLocalAccount(tx, localAccountId)
    const answered = await refuseUnlessAnswer(tx, account, response, now)
    const answer = { account, exchange: answered, response, who, now }
    if (response.payload.type === 'registration-response') await applyRegistrationResponse(context, tx, answer, response.payload)
    else await applySyncResponse(context, tx, answer, response.payload)
    await deleteUploadedResponse(tx, localAccountId)
    await clearAlert(tx, { localAccountId, kind: 'synchronization failed', subject: 'cloud' }, now)
    await settleSynchronizationAlerts(tx, [await getLocalAccount(tx, localAccountId)], now)
    return getSynchronization(tx, answered)
  })
  context.authority.forget(localAccountId)
  return exchange
}

/** Refuses a response that is not the answer to the request that waits; gives that request, locked until the end of the transaction. */
export async function refuseUnlessAnswer(tx: Db, account: LocalAccount, response: OpenedResponse, now: Date): Promise<Synchronization> {
  const answered = await lockSynchronization(tx, account.id, response.payload.request_id)
  const latest = await findLatestAnswer(tx, account.id)
  refuseDoubtful({
    response,
    account,
    serverUuid: (await getServerIdentity(tx)).serverUuid,
    answered,
    formerAnswer: answered ? await getExchangeFile(tx, answered, 'response') : null,
    superseded: answered !== undefined && latest !== undefined && latest.id > answered.id,
    outstanding: await findOutstandingSynchronization(tx, account.id),
    now,
  })
  return answered!
}
