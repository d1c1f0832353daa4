import { resumeDeregistration } from './deregister.ts'
import { isLeftOpen } from './due.ts'
import type { Outcome } from './outcome.ts'
import { resumeRenewal } from './renewIdCertificate.ts'
import type { Session } from './session.ts'
import { resumeRegistration } from './takeRegistration.ts'

/**
 * Brings to its end what a crash or a lost answer left open: a registration, a renewal, a deregistration. Gives its outcome, or undefined where
 * nothing was left.
 */
export async function finishWhatWasLeft(session: Session): Promise<Outcome | undefined> {
  const { underWay } = session.state
  if (!underWay || !isLeftOpen(session.state)) return undefined
  if (underWay.message.type === 'REGISTRATION') return resumeRegistration(session, underWay)
  if (underWay.message.type === 'ID_CERT_RENEWAL') return resumeRenewal(session, underWay)
  return resumeDeregistration(session, underWay)
}
