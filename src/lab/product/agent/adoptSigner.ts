import type { Believed } from './reply.ts'
import type { Session } from './session.ts'

/**
 * Keeps the certificate of the account's signer where it is a new one, as after each synchronization: the next message names its serial, and
 * the server need not send it again. A reply of the server's own signer changes nothing here.
 */
export async function adoptSigner(session: Session, { signer }: Believed): Promise<void> {
  const { registration } = session.state
  const [leaf, ...issuers] = signer.path
  if (!registration || signer.standing !== 'account' || leaf.serial === registration.signerSerial) return
  const signerIssuers = issuers.slice(0, -1).map(issuer => issuer.pem)
  await session.change({ registration: { ...registration, signer: leaf.pem, signerSerial: leaf.serial, signerIssuers } })
}
