import { acknowledgeRegistration } from '../../licensing/acknowledgeRegistration.ts'
import { Malformed } from '../../wire/malformed.ts'
import { parseRequestData } from '../../wire/messages/index.ts'
import type { Task } from '../handleMessage.ts'
import type { Answered } from '../message.ts'
import { done, signedBy, written } from '../reply.ts'

/** REGISTRATION_ACK, "signed with the new ID key": the certificate it names is the one that signs it. */
export async function registrationAck(task: Task<'instance'>): Promise<Answered> {
  const { door, message, verified } = task
  const data = parseRequestData('REGISTRATION_ACK', message.envelope.data)
  const signed = signedBy(verified.sender)
  if (BigInt(data.id_cert_serial_number) !== BigInt(signed.certificateSerial)) {
    throw new Malformed('id_cert_serial_number', 'Must be that of the certificate that signs the message.')
  }
  const text = await acknowledgeRegistration(door.context, verified.receipt, signed, () => written(task, done))
  return { text, result: 'OK' }
}
