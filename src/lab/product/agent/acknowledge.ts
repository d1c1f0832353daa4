import { takeAnswer } from './effects.ts'
import { exchange } from './exchange.ts'
import { notRegistered, type Outcome } from './outcome.ts'
import type { Session } from './session.ts'

/** REGISTRATION_ACK (5.5), signed with the new key: the server may forget the old certificate, and the one there is counts. */
export async function acknowledge(session: Session): Promise<Outcome> {
  const { registration } = session.state
  if (!registration) return notRegistered
  const { keyName, idCertificateSerial } = registration
  const data = { id_cert_serial_number: idCertificateSerial }
  const believed = await exchange(session, { type: 'REGISTRATION_ACK', data, keyName, nameless: false })
  if (believed.fields.status !== 'OK') return takeAnswer(session, believed, keyName)
  await session.change({ registration: { ...session.state.registration!, acknowledged: true }, underWay: null, retry: null })
  return { result: 'done' }
}
