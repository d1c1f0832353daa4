import { Malformed } from '../../wire/malformed.ts'
import { parseRequestData } from '../../wire/messages/index.ts'
import { acknowledged } from '../acknowledged.ts'
import type { Task } from '../handleMessage.ts'
import type { Answered } from '../message.ts'

/** REGISTRATION_ACK, "signed with the new ID key": the certificate it names is the one that signs it. */
export async function registrationAck(task: Task<'instance'>): Promise<Answered> {
  const { message, verified } = task
  const data = parseRequestData('REGISTRATION_ACK', message.envelope.data)
  if (BigInt(data.id_cert_serial_number) !== BigInt(verified.sender.certificate.serial)) {
    throw new Malformed('id_cert_serial_number', 'Must be that of the certificate that signs the message.')
  }
  return acknowledged(task)
}
