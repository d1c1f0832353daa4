import { certificateRequestFor } from './certificateRequest.ts'
import { mayPass, takeAnswer } from './effects.ts'
import { exchange, resume } from './exchange.ts'
import { deviceListOf } from './identity.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { registrationFrom, replyData } from './registration.ts'
import type { Believed } from './reply.ts'
import type { Session } from './session.ts'
import type { Message, Registration, State, UnderWay } from './state.ts'

export type Registered = { instanceId: string; smartAccount: string; virtualAccount: string }
export type RegistrationWish = { token: string; force?: boolean | undefined }

/**
 * REGISTRATION (5.5): presents the token and a request for a certificate, and keeps what comes back. A registration that was not acknowledged
 * yet, because a crash came between, is this one. Refuses a product that is registered, unless it is forced.
 */
export async function register(session: Session, { token, force = false }: RegistrationWish): Promise<Outcome<Registered>> {
  const { registration } = session.state
  if (registration && !force) return registration.acknowledged ? alreadyRegistered(registration) : registeredAs(registration)
  await session.change({ wanted: { token, force }, waiting: null, ended: null })
  const message = await registrationMessage(session, token, force)
  return takeRegistration(session, await exchange(session, message), message.keyName)
}

const registeredAs = ({ instanceId, smartAccount, virtualAccount }: Registration): Outcome<Registered> => ({
  result: 'done',
  instanceId,
  smartAccount,
  virtualAccount,
})

const alreadyRegistered = ({ instanceId, smartAccount }: Registration): Outcome<never> => ({
  result: 'refused',
  code: 'ALREADY_REGISTERED',
  sentence: `This product is registered with ${smartAccount} as ${instanceId}: use --force to register it anew.`,
})

/** Sends an open REGISTRATION again. */
export const resumeRegistration = async (session: Session, underWay: UnderWay): Promise<Outcome<Registered>> =>
  takeRegistration(session, await resume(session, underWay), underWay.message.keyName)

/** Makes a key and the message that asks for its certificate. The key is on the disk first. */
async function registrationMessage(session: Session, token: string, force: boolean): Promise<Message> {
  const { identity, store } = session
  const keyName = await store.keepKey(await session.makeKey())
  return {
    type: 'REGISTRATION',
    keyName,
    nameless: true,
    data: {
      id_token: token,
      software_tag_identifier: identity.softwareTag,
      csr: await certificateRequestFor(session, keyName),
      hostname: identity.hostname,
      force,
      device_list: deviceListOf(identity),
    },
  }
}

/** A refusal that time alone does not heal ends the wish, and the token is forgotten. */
function refusedRegistration({ fields }: Believed, at: number): Partial<State> {
  const outcome = outcomeOf(fields)
  if (outcome.result !== 'refused') return {}
  const registrationAttempt = { at, succeeded: false, reason: outcome.sentence }
  return mayPass(outcome.code) || outcome.code === 'UNKNOWN_POLL' ? { registrationAttempt } : { registrationAttempt, wanted: null }
}

/** Takes the answer to a REGISTRATION, whether it came at once or was polled for. */
export async function takeRegistration(session: Session, believed: Believed, keyName: string): Promise<Outcome<Registered>> {
  const now = session.now()
  if (believed.fields.status !== 'OK') return takeAnswer(session, believed, keyName, refusedRegistration(believed, now))
  const data = replyData('REGISTRATION', believed)
  const issued = await registrationFrom(session, data, believed, keyName)
  const accounts = { smartAccount: data.smart_account, virtualAccount: data.virtual_account }
  await session.change({
    registration: { ...issued, ...accounts, registeredAt: now },
    registrationAttempt: { at: now, succeeded: true, reason: null },
    renewalAttempt: null,
    authorization: null,
    authorizationAttempt: null,
    evaluationStartedAt: null,
    reportedVersion: 0,
    entitlementVersion: session.state.entitlementVersion + 1,
    wanted: null,
    underWay: null,
    waiting: null,
    retry: null,
    ended: null,
  })
  return { result: 'done', instanceId: issued.instanceId, ...accounts }
}
