import type { Context } from '../context.ts'
import type { MessageSigner } from '../pki/authority.ts'
import { readCertificate } from '../pki/certificate.ts'
import { joseAlgorithm, signJose } from '../pki/signature.ts'
import { accountInForce, type LocalAccount } from '../rules/accounts.ts'
import { type ExchangeCarrier, type ExchangeReason, type NextExchange, nextExchange, type Synchronization } from '../rules/exchanges.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import type { Person } from '../rules/roles.ts'
import { beginNextPeaks, lockPlacesOf } from '../storage/authorizations.ts'
import type { Db } from '../storage/db.ts'
import { getLocalAccount } from '../storage/localAccounts.ts'
import { prepareSentProductInstances } from '../storage/reportedProductInstances.ts'
import { findResynchronization } from '../storage/resynchronizations.ts'
import { getServerIdentity } from '../storage/serverIdentity.ts'
import { cancelOutstandingSynchronization, insertSynchronization } from '../storage/synchronizations.ts'
import { sealPayloadBytes } from '../wire/container.ts'
import { compressPayload } from './compressPayload.ts'
import { writeConversions } from './parts/conversions.ts'
import { writeProducts } from './parts/productInstances.ts'
import { writeUsage, writeUsageDigest } from './parts/usage.ts'
import { requestMembers } from './requestMembers.ts'
import { type Tell, untold } from './tellProgress.ts'

/** What somebody wants of a synchronization. The chain may make it a full one, and have its own reason. */
export type SynchronizationWish = {
  localAccountId: number
  kind: 'standard' | 'full'
  reason: ExchangeReason
  carrier: ExchangeCarrier
}

/**
 * Writes the request of a synchronization: what is used in total, which product instances came, changed and went (or in a full one all),
 * signed by the account. "Creating a new request while one is outstanding cancels the old". It is all of one moment: the transaction reads one
 * snapshot, and a second preparation of the same account at that moment is refused.
 */
export async function prepareSynchronization(
  context: Context,
  who: Person,
  wish: SynchronizationWish,
  tell: Tell = untold,
): Promise<Synchronization> {
  tell('writing')
  const signer = (await context.authority.of(wish.localAccountId)).signer
  await beginPeaks(context, wish.localAccountId)
  return context.storage
    .transaction(async tx => {
      await tx.raw('set transaction isolation level repeatable read')
      const account = await getLocalAccount(tx, wish.localAccountId)
      const now = context.clock.now()
      refuseUnless(account.state === 'registered', 'CONFLICT', 'This Local Account is not registered with the cloud.')
      refuseUnless(
        accountInForce(account, now),
        'ACCOUNT_EXPIRED',
        'This Local Account has not been synchronized for 365 days. Remove it here and in the cloud, and register it anew.',
      )
      await cancelOutstandingSynchronization(tx, account.id, now)
      const chain = { sequence: account.sequence ?? 0, chainHash: account.chainHash }
      const next = nextExchange(chain, await findResynchronization(tx, account.id), wish)
      return insertRequest(tx, account, next, { signer, now, carrier: wish.carrier, requestedBy: who.name, tell })
    })
    .catch(refuseRace)
}

/**
 * Before the snapshot and in a transaction of its own, which products' reports wait for a moment: what is used in between is told twice rather
 * than never.
 */
const beginPeaks = (context: Context, localAccountId: number): Promise<void> =>
  context.storage.transaction(async tx => {
    await lockPlacesOf(tx, localAccountId)
    await beginNextPeaks(tx, localAccountId)
  })

/** Another preparation was first: the database says so by a broken snapshot or by its rule of one outstanding request an account. */
function refuseRace(error: unknown): never {
  const { code } = error as { code?: string }
  if (code === '40001' || code === '23505') {
    throw new Refusal('CONFLICT', 'Another synchronization of this Local Account has just begun.')
  }
  throw error
}

type Origin = { signer: MessageSigner; now: Date; carrier: ExchangeCarrier; requestedBy: string; tell: Tell }

async function insertRequest(tx: Db, account: LocalAccount, next: NextExchange, origin: Origin): Promise<Synchronization> {
  const { serverUuid } = await getServerIdentity(tx)
  const full = next.kind === 'full'
  const withheld = account.privacy
  const products = await prepareSentProductInstances(tx, account.id, { full, withheld })
  const usage = await writeUsage(tx, account.id)
  const members = {
    type: 'sync-request',
    ...requestMembers(account, serverUuid, origin.now),
    smart_account: account.smartAccount,
    virtual_account: account.virtualAccount,
    sequence: next.sequence,
    prev_hash: next.prevHash,
    base_sequence: next.baseSequence,
    sync_type: next.kind,
    reason: next.reason,
    usage,
    conversions: await writeConversions(tx, account.id),
    reservations: [],
    rum: [],
    usage_digest: await writeUsageDigest(tx, account.id, usage),
    account_ca_csr: null,
    server_signing_csr: null,
    resync_token: next.resyncToken,
    privacy: withheld,
  }
  const total = products.added + products.changed + products.removed
  const written = (done: number) => origin.tell('writing', done, total)
  const payloadBytes = await compressPayload(members, 'products', writeProducts(tx, account.id, { full, withheld, written }))
  const sealed = await seal(origin.signer, payloadBytes)
  return insertSynchronization(tx, {
    localAccountId: account.id,
    kind: next.kind,
    carrier: origin.carrier,
    reason: next.reason,
    sequence: next.sequence,
    requestId: members.request_id,
    nonce: members.nonce,
    requestHash: sealed.payloadHash,
    request: sealed.text,
    requestedBy: origin.requestedBy,
    createdAt: origin.now,
    summary: { withheld, tags: usage.length, products },
  })
}

/** "a server's files are signed by the account's signing certificate (leaf), whose issuer, the account CA, names the account of the payload" */
const seal = ({ privateKey, certificate, serial, chain }: MessageSigner, payloadBytes: Buffer) =>
  sealPayloadBytes(
    {
      typ: 'sync-request',
      kid: serial,
      alg: joseAlgorithm(privateKey),
      x5c: [certificate, ...chain.map(readCertificate)].map(each => each.der.toString('base64')),
      payloadBytes,
    },
    data => signJose(privateKey, data),
  )
