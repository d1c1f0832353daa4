import type { CloudCredentials } from '../cloud/carrier.ts'
import type { Context } from '../context.ts'
import { refuseUnless } from '../rules/refusal.ts'
import { findCloudCredentials, putCloudCredentials } from '../storage/cloudCredentials.ts'
import type { Db } from '../storage/db.ts'

const purpose = 'cloud client secret'

/** Keeps, sealed, as whom the cloud lets an account in (0: the server, for accounts without credentials of their own). */
export const keepCloudCredentials = (
  context: Context,
  tx: Db,
  localAccountId: number,
  credentials: CloudCredentials,
  changedBy: string,
): Promise<void> =>
  putCloudCredentials(tx, {
    localAccountId,
    clientId: credentials.clientId,
    clientSecret: context.secrets.seal(credentials.clientSecret, purpose),
    changedAt: context.clock.now(),
    changedBy,
  })

/** As whom to sign on for an account. Refuses while nobody has said. */
export async function openCloudCredentials(context: Context, localAccountId: number): Promise<CloudCredentials> {
  const kept = await findCloudCredentials(context.storage.db, localAccountId)
  refuseUnless(
    kept,
    'CLOUD_UNREACHABLE',
    'The cloud asks who is calling, and no client id and secret are set for this account. Enter those of an OAuth client of the cloud.',
    'clientId',
  )
  return { clientId: kept.clientId, clientSecret: context.secrets.open(kept.clientSecret, purpose).toString('utf8') }
}
