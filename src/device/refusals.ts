import { activeDevice } from '../licensing/application.ts'
import type { HeldRequest } from '../licensing/holdRegistration.ts'
import { Refusal } from '../rules/refusal.ts'
import { type Answer, HIGHEST_VERSION, type RequestEnvelope } from '../wire/envelope.ts'
import { Malformed, messageText } from '../wire/malformed.ts'
import { parseRequestData } from '../wire/messages/index.ts'
import * as wire from '../wire/refusals.ts'

type Failed = Extract<Answer, { message_code: unknown }>

/** Whether an error is a "no" that the sender is told, and not a fault. */
export const isRefusal = (error: unknown): error is Refusal | Malformed => error instanceof Refusal || error instanceof Malformed

/** Step 4 of 5.3 said no: the agent lowers its version to ours and sends again. */
export class VersionTooHigh extends Malformed {
  constructor() {
    super('version', HIGHEST_VERSION)
  }
}

/** The word that an answer is counted under: its code where it has one. */
export const resultOf = (answer: Answer): string => ('message_code' in answer ? answer.message_code : answer.status)

/**
 * What an agent is told: status, code and text of wire-device 5.7, verbatim. What the texts repeat (the token, the product, the instance) is
 * what the message itself said, or the registration that it polls for. Undefined for a refusal that no agent can have caused.
 */
export function refusalAnswer(error: Refusal | Malformed, envelope: RequestEnvelope, held?: HeldRequest): Failed | undefined {
  if (error instanceof VersionTooHigh) return wire.versionTooHigh(HIGHEST_VERSION)
  if (error instanceof Malformed) return wire.malformed(error)
  const { header, data } = envelope
  const token = held?.shownToken ?? String(data.id_token)
  switch (error.code) {
    case 'TOKEN_INVALID':
      return wire.tokenInvalid(token)
    case 'TOKEN_EXPIRED':
      return wire.tokenExpired(token)
    case 'TOKEN_USAGE_EXCEEDED':
      return wire.tokenUsageExceeded(token)
    case 'ALREADY_REGISTERED':
      return alreadyRegistered(envelope, held)
    case 'UNKNOWN_INSTANCE':
      return wire.unknownInstance(header.product_instance_identifier)
    case 'BAD_SIGNATURE':
      return wire.badSignature()
    case 'ID_CERT_EXPIRED':
      return wire.idCertExpired(String(header.id_cert_serial_number))
    case 'REPLAY':
      return wire.replay()
    case 'CLOCK_SKEW':
      return wire.clockSkew()
    case 'SUDI_MISMATCH':
      return wire.sudiMismatch()
    case 'ACCOUNT_EXPIRED':
      return wire.accountExpired()
    case 'UNKNOWN_POLL':
      return wire.unknownPoll(Number(data.poll_id))
    case 'TLS_REQUIRED':
      return wire.tlsRequired()
    case 'STALE_USAGE':
      return { status: 'FAILED', message_code: 'STALE_USAGE', message: messageText('entitlement_version', error.message) }
    case 'MALFORMED':
      return wire.malformed(new Malformed(error.field ?? 'request_data', error.message))
    default:
      return undefined
  }
}

/** Names the product and its active device. */
function alreadyRegistered({ header, data }: RequestEnvelope, held?: HeldRequest): Failed {
  if (held) return wire.alreadyRegistered(held.application.softwareTag, activeDevice(held.application).sudi)
  const { device_list } = parseRequestData('REGISTRATION', data)
  const active = device_list?.find(device => device.role === 'Active')
  return wire.alreadyRegistered(String(data.software_tag_identifier), active?.sudi ?? header.sudi)
}
