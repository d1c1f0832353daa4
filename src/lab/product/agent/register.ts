import { certificateRequestFor } from './certificateRequest.ts'
import { exchange } from './exchange.ts'
import { deviceListOf } from './identity.ts'
import type { Outcome } from './outcome.ts'
import { poll } from './poll.ts'
import type { Session } from './session.ts'
import type { Message, Registration } from './state.ts'
import { type Registered, takeRegistration } from './takeRegistration.ts'

export type RegistrationWish = { token: string; force?: boolean | undefined }

/**
 * REGISTRATION (5.5): presents the token and a request for a certificate, and keeps what comes back. A registration that was not acknowledged
 * yet, because a crash came between, is this one; one that waits at the server is polled for. Refuses a product that is registered, unless it is forced.
 */
export async function register(session: Session, { token, force = false }: RegistrationWish): Promise<Outcome<Registered>> {
  const { registration, waiting, wanted } = session.state
  if (registration && !force) return registration.acknowledged ? alreadyRegistered(registration) : registeredAs(registration)
  if (waiting?.action === 'registration' && wanted?.token === token) return (await poll(session)) as Outcome<Registered>
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
