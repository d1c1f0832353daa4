import { Malformed } from '../malformed.ts'
import { isRequestType, type RequestType } from '../messages/types.ts'
import { compareVersions, HIGHEST_VERSION } from './header.ts'
import type { RequestEnvelope } from './openRequest.ts'

/** Step 4: is the version one this side speaks? False asks for the answer VERSION_TOO_HIGH. */
export const versionIsKnown = (envelope: RequestEnvelope): boolean => compareVersions(envelope.header.version, HIGHEST_VERSION) <= 0

/**
 * Step 5: the request's type. Refuses an unknown one, and a message without the identity that its type must have: the instance's id is null
 * only in REGISTRATION, HELLO and the POLL of a registration that waits, the ID certificate's serial only where the id is (5.1).
 */
export function requestTypeOf(envelope: RequestEnvelope): RequestType {
  const { request_type: type, product_instance_identifier: instance, id_cert_serial_number: serial } = envelope.header
  if (!isRequestType(type)) throw malformed(envelope, 'header.request_type', 'Is not a known message.')
  if (instance === null && !mayBeNameless(type, envelope.data))
    throw malformed(envelope, 'header.product_instance_identifier', 'Is required.')
  if (instance !== null && serial === null && !mayBeNameless(type, envelope.data)) {
    throw malformed(envelope, 'header.id_cert_serial_number', 'Is required.')
  }
  return type
}

const mayBeNameless = (type: RequestType, data: Record<string, unknown>) =>
  type === 'REGISTRATION' || type === 'HELLO' || (type === 'POLL' && data.action === 'registration')

/** Step 6, first half: the nonce of header, body and data is one and the same. */
export function refuseUnequalNonces(envelope: RequestEnvelope): void {
  const { header, nonce, common } = envelope
  if (header.nonce !== nonce || nonce !== common.nonce)
    throw malformed(envelope, 'nonce', 'Must be the same in header, request and request_data.')
}

function malformed(envelope: RequestEnvelope, path: string, what: string): Malformed {
  const error = new Malformed(path, what)
  error.nonce = envelope.header.nonce
  return error
}
