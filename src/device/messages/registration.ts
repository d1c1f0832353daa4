import { orMeanwhile } from '../../licensing/answerOnce.ts'
import { type Application, productKey } from '../../licensing/application.ts'
import { holdRegistration } from '../../licensing/holdRegistration.ts'
import { type Identity, prepareRegistration } from '../../licensing/prepareRegistration.ts'
import type { MessageSigner } from '../../pki/authority.ts'
import type { LocalAccount } from '../../rules/accounts.ts'
import { pollInterval } from '../../rules/lifetimes.ts'
import { isThreeTier } from '../../rules/productInstances.ts'
import { refuseUnless } from '../../rules/refusal.ts'
import { isOn } from '../../storage/switches.ts'
import type { Answer, RequestEnvelope } from '../../wire/envelope.ts'
import { Malformed } from '../../wire/malformed.ts'
import { parseRequestData } from '../../wire/messages/index.ts'
import { devicesOf, type RegistrationReply, type RegistrationRequest } from '../../wire/messages/registration.ts'
import { sudiKey } from '../../wire/udi.ts'
import type { Task } from '../handleMessage.ts'
import { identityReply } from '../identityReply.ts'
import type { Answered } from '../message.ts'
import { written } from '../reply.ts'
import { serverSigner } from '../signers.ts'

/** REGISTRATION: the product is registered, or waits until the cloud has made it possible. */
export async function registration(task: Task<'applicant'>): Promise<Answered> {
  const { door, message, verified } = task
  const data = parseRequestData('REGISTRATION', message.envelope.data)
  await refuseUnlessTransportAllowed(task)
  const { token, publicKey, receipt, account } = verified
  const application = applicationFrom(message.envelope, data)
  const former = token && (await door.lanes.formerInstances.submit(productKey(token.localAccountId, application)))
  const admission = { application, token, former, publicKey, presentedAt: message.receivedAt }
  if (token && isThreeTier(application.capabilities) && (await mustWait(task, token.localAccountId))) {
    const text = await holdRegistration(door.context, receipt, { ...admission, csr: data.csr, idToken: data.id_token }, poll =>
      written(task, stillWaiting(poll.id)),
    )
    return { text, result: 'OK_POLL' }
  }
  const ofTheServer = await serverSigner(door.context)
  const prepared = await prepareRegistration(door.context, admission)
  const write = (identity: Identity) => {
    const reply = registrationReply(identity, account!, ofTheServer)
    return written(task, { status: 'OK', data: reply })
  }
  const text = await orMeanwhile(door.context, receipt, door.lanes.registrations.submit({ receipt, prepared, write }))
  return { text, result: 'OK' }
}

/** "OK_POLL, `action:"registration"`". */
export const stillWaiting = (pollId: number): Answer => ({
  status: 'OK_POLL',
  poll_id: pollId,
  poll_interval: pollInterval / 1000,
  action: 'registration',
})

/** Whether the account's three-tier certificate is still to come. */
export const mustWait = async ({ door }: Pick<Task, 'door'>, localAccountId: number): Promise<boolean> =>
  (await door.context.authority.of(localAccountId)).threeTierChain === undefined

/** The identity, and the accounts it belongs to. */
export const registrationReply = (identity: Identity, account: LocalAccount, ofTheServer: MessageSigner): RegistrationReply => ({
  ...identityReply(identity, ofTheServer),
  smart_account: account.smartAccount.name,
  virtual_account: account.virtualAccount.name,
})

/** "ID tokens cross it readable. Server setting "require TLS for REGISTRATION/TRUST"" (wire-device 5.9); off unless somebody turned it on. */
async function refuseUnlessTransportAllowed({ door, message }: Task<'applicant'>): Promise<void> {
  const isAllowed = message.origin.secure || !(await isOn(door.context.storage.db, 'registrationTls'))
  refuseUnless(isAllowed, 'TLS_REQUIRED', 'This message must be sent over TLS.', 'transport')
}

/** What the product says of itself, in our words. An empty hostname is a withheld one. */
function applicationFrom({ header }: RequestEnvelope, data: RegistrationRequest): Application {
  const devices = devicesOf(data, header.sudi)
  if (!devices.some(device => sudiKey(device.sudi) === sudiKey(header.sudi))) {
    throw new Malformed('device_list', 'Must have the device that sends the message.')
  }
  return {
    softwareTag: data.software_tag_identifier,
    devices: devices.map(({ sudi, hostname, software_tag_identifier, role }) => ({
      sudi,
      hostname: hostname || null,
      softwareTag: software_tag_identifier ?? data.software_tag_identifier,
      role,
    })),
    hostname: data.hostname || null,
    force: data.force,
    agentVersion: header.connect_info?.version || null,
    capabilities: header.connect_info?.capabilities ?? [],
  }
}
