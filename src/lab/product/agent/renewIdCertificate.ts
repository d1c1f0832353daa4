import { acknowledge } from './acknowledge.ts'
import { certificateRequestFor } from './certificateRequest.ts'
import { takeAnswer } from './effects.ts'
import { exchange, resume } from './exchange.ts'
import { CommunicationFailure } from './failures.ts'
import { notRegistered, type Outcome } from './outcome.ts'
import { registrationFrom, replyData } from './registration.ts'
import type { Believed } from './reply.ts'
import type { Session } from './session.ts'
import type { Message, Registration, UnderWay } from './state.ts'

export type Renewed = { idCertificateSerial: string; expiresAt: number; renewAt: number }

/** ID_CERT_RENEWAL (5.5): a new key and a certificate for it, asked for with the old one, and acknowledged. */
export async function renewIdCertificate(session: Session): Promise<Outcome<Renewed>> {
  const { registration } = session.state
  if (!registration) return notRegistered
  const newKeyName = await session.store.keepKey(await session.makeKey())
  const data = { csr: await certificateRequestFor(session, newKeyName) }
  const message: Message = { type: 'ID_CERT_RENEWAL', data, keyName: registration.keyName, newKeyName, nameless: false }
  return takeRenewal(session, await exchange(session, message), registration, newKeyName)
}

/** Sends an open ID_CERT_RENEWAL again. */
export async function resumeRenewal(session: Session, underWay: UnderWay): Promise<Outcome<Renewed>> {
  const { registration } = session.state
  const { newKeyName } = underWay.message
  if (!registration || !newKeyName) return notRegistered
  return takeRenewal(session, await resume(session, underWay), registration, newKeyName)
}

async function takeRenewal(session: Session, believed: Believed, old: Registration, newKeyName: string): Promise<Outcome<Renewed>> {
  const at = session.now()
  if (believed.fields.status !== 'OK') {
    const reason = believed.fields.message_code ?? believed.fields.status
    return takeAnswer(session, believed, old.keyName, { renewalAttempt: { at, succeeded: false, reason } })
  }
  const issued = await registrationFrom(session, replyData('ID_CERT_RENEWAL', believed), believed, newKeyName)
  if (issued.instanceId !== old.instanceId)
    throw new CommunicationFailure('wrongInstance', 'The new ID certificate is for another instance.')
  await session.change({
    registration: { ...old, ...issued },
    renewalAttempt: { at, succeeded: true, reason: null },
    underWay: null,
    retry: null,
  })
  const acknowledgement = await acknowledge(session)
  if (acknowledgement.result !== 'done') return acknowledgement
  return { result: 'done', idCertificateSerial: issued.idCertificateSerial, expiresAt: issued.expiresAt, renewAt: issued.renewAt }
}
