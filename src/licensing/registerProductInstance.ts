import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import type { AccountAuthority } from '../pki/authority.ts'
import { issueIdCertificate, prepareIdCertificate } from '../pki/idCertificate.ts'
import type { IssuedCertificate } from '../pki/issue.ts'
import { mintIdentifier } from '../rules/identifiers.ts'
import { isThreeTier, type ProductInstance } from '../rules/productInstances.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import type { Db } from '../storage/db.ts'
import { recordEvent } from '../storage/events.ts'
import { insertProductInstance } from '../storage/productInstances.ts'
import { claimTokenUse } from '../storage/registrationTokens.ts'
import { udiUrn } from '../wire/udi.ts'
import { type Admitted, admitProduct } from './admitProduct.ts'
import { answerOnce, type Receipt } from './answerOnce.ts'
import { type Admission, instanceFrom } from './application.ts'
import { replaceProductInstance } from './replaceProductInstance.ts'

/** A new identity of a product: its certificate, what issued it, and the certificates that lead from it to the root. */
export type Identity = {
  instance: ProductInstance
  certificate: IssuedCertificate
  authority: AccountAuthority
  chain: string[]
  issuedAt: Date
}

/** An identity that is issued and not entered yet. */
export type PreparedRegistration = { identity: Identity; admitted: Admitted }

/**
 * A product presents a token and gets its ID certificate. `write` gives the text of the reply, which is remembered with the registration.
 * Refuses what `admitProduct` refuses; whoever loses a race for a token's last use, or for the same product, is refused like one who came later.
 */
export async function registerProductInstance(
  context: Context,
  receipt: Receipt,
  admission: Admission,
  write: (identity: Identity) => string,
): Promise<string> {
  const prepared = await prepareRegistration(context, admission)
  return answerOnce(context, receipt, async tx => {
    await enterRegistration(tx, prepared)
    return write(prepared.identity)
  })
}

/** Checks the application and issues the certificate, outside of any transaction: it is CPU, and a connection is dear. */
export async function prepareRegistration(context: Context, admission: Admission): Promise<PreparedRegistration> {
  const now = context.clock.now()
  const admitted = await admitProduct(context, admission)
  const { token, former } = admitted
  const id = former?.instance.id ?? mintIdentifier(token.localAccountId, now, randomBytes(7))
  const instance = instanceFrom(admission.application, token, id, now)
  return { identity: await issueIdentity(context, instance, admission, now), admitted }
}

/** Issues an ID certificate for an instance. Refuses when the account's own certificate has ended. */
export async function issueIdentity(
  context: Context,
  instance: ProductInstance,
  { publicKey }: Pick<Admission, 'publicKey'>,
  now: Date,
): Promise<Identity> {
  const authority = await context.authority.of(instance.localAccountId)
  const udis = instance.devices.map(device => udiUrn(device.sudi))
  const prepared = prepareIdCertificate(authority, { publicKey, product: instance.productType, productInstanceId: instance.id, udis }, now)
  const chain = (isThreeTier(instance.capabilities) ? authority.threeTierChain : undefined) ?? authority.chain
  return { instance, certificate: await issueIdCertificate(prepared), authority, chain, issuedAt: now }
}

/** "No certificate leaves without its row": enters instance, certificate, event and the token's use. The token's row, which many may want, comes last. */
export async function enterRegistration(tx: Db, { identity, admitted: { token, former } }: PreparedRegistration): Promise<void> {
  const { instance, certificate } = identity
  const row = { ...certificate, localAccountId: instance.localAccountId, productInstanceId: instance.id, state: 'unacknowledged' as const }
  if (former) await replaceProductInstance(tx, instance, row, former.ended)
  else {
    const isNew = await insertProductInstance(tx, instance, row)
    refuseUnless(isNew, 'ALREADY_REGISTERED', 'The product has already been registered.', 'sudi')
  }
  await recordEvent(tx, {
    localAccountId: instance.localAccountId,
    localVirtualAccountId: instance.localVirtualAccountId,
    productInstanceId: instance.id,
    at: identity.issuedAt,
    kind: 'product instance registered',
    message: `${instance.name} (${instance.productType}) ${former ? 'registered again' : 'registered'}.`,
    who: instance.name,
  })
  if (!(await claimTokenUse(tx, token.localAccountId, token.id))) throw lostRace(token)
}

const lostRace = (token: RegistrationToken): Refusal =>
  token.maximumUses === null
    ? new Refusal('TOKEN_INVALID', 'The token is not valid.', 'token')
    : new Refusal('TOKEN_USAGE_EXCEEDED', 'The token has reached its maximum number of uses.', 'token')
