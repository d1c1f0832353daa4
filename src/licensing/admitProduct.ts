import type { Context } from '../context.ts'
import type { ProductInstance } from '../rules/productInstances.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { type RegistrationToken, tokenStanding } from '../rules/tokens.ts'
import { listCertificates } from '../storage/certificates.ts'
import type { Admission } from './application.ts'

/** The token that lets an application in, and what becomes of the same product's former instance. */
export type Admitted = { token: RegistrationToken; replaces: 'nothing' | 'registered' | 'ended' }

/**
 * Whether a product may register: its token is usable, and the same product is not registered yet, or it forces. "An expired ID certificate
 * makes it unregistered": such an instance may come back without force. Writes nothing.
 * Refuses with TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_USAGE_EXCEEDED and ALREADY_REGISTERED.
 */
export async function admitProduct(context: Context, { application, token, former, presentedAt }: Admission): Promise<Admitted> {
  refuseUnless(token, 'TOKEN_INVALID', 'The token is not valid.', 'token')
  refuseUnlessUsable(token, presentedAt)
  if (!former) return { token, replaces: 'nothing' }
  const ended = await hasEnded(context, former)
  refuseUnless(application.force || ended, 'ALREADY_REGISTERED', 'The product has already been registered.', 'sudi')
  return { token, replaces: ended ? 'ended' : 'registered' }
}

/** A product that had to wait presented its token in time if the token had not ended then; a token that was revoked since lets nobody in. */
function refuseUnlessUsable(token: RegistrationToken, presentedAt: Date): void {
  const standing = tokenStanding(token, presentedAt)
  if (standing === 'revoked') throw new Refusal('TOKEN_INVALID', 'The token is not valid.', 'token')
  if (standing === 'expired') throw new Refusal('TOKEN_EXPIRED', 'The token has expired.', 'token')
  refuseUnless(standing === 'usable', 'TOKEN_USAGE_EXCEEDED', 'The token has reached its maximum number of uses.', 'token')
}

async function hasEnded(context: Context, instance: ProductInstance): Promise<boolean> {
  if (instance.state === 'EXPIRED') return true
  const now = context.clock.now()
  const certificates = await listCertificates(context.storage.db, instance.localAccountId, instance.id)
  return certificates.every(certificate => certificate.notAfter <= now)
}
