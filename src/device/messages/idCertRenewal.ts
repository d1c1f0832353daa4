import { renewRegistration } from '../../licensing/renewRegistration.ts'
import { readCertificateRequest } from '../../pki/certificateRequest.ts'
import { parseRequestData } from '../../wire/messages/index.ts'
import type { Task } from '../handleMessage.ts'
import { identityReply } from '../identityReply.ts'
import type { Answered } from '../message.ts'
import { written } from '../reply.ts'
import { serverSigner } from '../signers.ts'

/** ID_CERT_RENEWAL: "same data as REGISTRATION without accounts", for the same or a new key. */
export async function idCertRenewal(task: Task<'instance'>): Promise<Answered> {
  const { door, message, verified } = task
  const { csr } = parseRequestData('ID_CERT_RENEWAL', message.envelope.data)
  const { publicKey } = readCertificateRequest(csr)
  const { instance, certificate } = verified.sender
  const ofTheServer = await serverSigner(door.context)
  const renewal = { instance, certificateSerial: certificate.serial, publicKey }
  const text = await renewRegistration(door.context, verified.receipt, renewal, identity => {
    const reply = identityReply(identity, ofTheServer)
    return written(task, { status: 'OK', data: reply })
  })
  return { text, result: 'OK' }
}
