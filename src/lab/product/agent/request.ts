import { randomBytes } from 'node:crypto'
import { signNow } from '../../../pki/signature.ts'
import { sealRequest } from '../../../wire/envelope.ts'
import { sudiOf } from './identity.ts'
import type { Session } from './session.ts'
import type { Message, UnderWay } from './state.ts'
import { connectInfoOf } from './version.ts'

/** "nonce is a positive 63-bit integer as a string" (2.2). */
export const newNonce = (): string => ((randomBytes(8).readBigUInt64BE() >> 1n) | 1n).toString()

/**
 * Puts a message into its envelope, with a new nonce and the present time, and signs it. The message is what `request` is: bytes that are
 * stored before they are sent, and sent again as they are.
 */
export async function prepare(session: Session, message: Message): Promise<UnderWay> {
  const { registration, messageVersion } = session.state
  const named = message.nameless ? null : registration
  const nonce = newNonce()
  const key = await session.store.key(message.keyName)
  const body = await sealRequest(
    {
      request_type: message.type,
      sudi: sudiOf(session.identity),
      timestamp: session.now(),
      nonce,
      version: messageVersion,
      connect_info: connectInfoOf(session.capabilities),
      product_instance_identifier: named?.instanceId ?? null,
      id_cert_serial_number: named?.idCertificateSerial ?? null,
      signing_cert_serial_number: named?.signerSerial ?? null,
      data: message.data,
    },
    // At once: a product has nothing else to do, and a fleet of them saves the way to the thread pool and back.
    data => signNow(key, data),
  )
  return { message, nonce, preparedAt: session.now(), body: body.toString() }
}
