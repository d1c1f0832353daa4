import type { KeyObject } from 'node:crypto'
import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import type { AccountAuthority } from '../pki/authority.ts'
import { issueIdCertificate, prepareIdCertificate } from '../pki/idCertificate.ts'
import type { IssuedCertificate } from '../pki/issue.ts'
import { mintIdentifier } from '../rules/identifiers.ts'
import { isThreeTier, type ProductInstance } from '../rules/productInstances.ts'
import type { RegistrationToken } from '../rules/tokens.ts'
import { udiUrn } from '../wire/udi.ts'
import { admitProduct } from './admitProduct.ts'
import { type Admission, instanceFrom } from './application.ts'

/** A new identity of a product: its certificate, what issued it, and the certificates that lead from it to the root. */
export type Identity = {
  instance: ProductInstance
  certificate: IssuedCertificate
  authority: AccountAuthority
  chain: string[]
  issuedAt: Date
}

/** A registration with its certificate issued, and not entered yet. `replaces` says what becomes of the same product's former instance. */
export type PreparedRegistration = { identity: Identity; token: RegistrationToken; replaces: 'nothing' | 'registered' | 'ended' }

/**
 * Checks an application and issues the certificate, outside of any transaction: it is CPU, and a connection is dear. A product that was here
 * before keeps its identifier. Refuses what `admitProduct` refuses, and an account whose own certificate has ended.
 */
export async function prepareRegistration(context: Context, admission: Admission): Promise<PreparedRegistration> {
  const now = context.clock.now()
  const { token, replaces } = await admitProduct(context, admission)
  const id = admission.former?.id ?? mintIdentifier(token.localAccountId, now, randomBytes(7))
  const instance = instanceFrom(admission.application, token, id, now)
  return { identity: await issueIdentity(context, instance, admission.publicKey, now), token, replaces }
}

/** Issues an ID certificate for an instance, with the chain that its agent can follow. Refuses when the account's own certificate has ended. */
export async function issueIdentity(context: Context, instance: ProductInstance, publicKey: KeyObject, now: Date): Promise<Identity> {
  const authority = await context.authority.of(instance.localAccountId)
  const udis = instance.devices.map(device => udiUrn(device.sudi))
  const prepared = prepareIdCertificate(authority, { publicKey, product: instance.productType, productInstanceId: instance.id, udis }, now)
  const chain = (isThreeTier(instance.capabilities) ? authority.threeTierChain : undefined) ?? authority.chain
  return { instance, certificate: await issueIdCertificate(prepared), authority, chain, issuedAt: now }
}
