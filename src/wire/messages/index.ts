import type { z } from 'zod'
import { check } from '../fields.ts'
import { authorizationReply, authorizationRequest } from './authorization.ts'
import { conversionReply, conversionRequest } from './conversion.ts'
import { deregistrationRequest } from './deregistration.ts'
import { helloRequest } from './hello.ts'
import { idCertRenewalReply, idCertRenewalRequest } from './idCertRenewal.ts'
import { pollRequest } from './poll.ts'
import { registrationReply, registrationRequest } from './registration.ts'
import { registrationAckRequest } from './registrationAck.ts'
import type { RequestType } from './types.ts'

export * from './types.ts'

/** The table of messages (5.5): what `request_data` must be. */
export const requests = {
  REGISTRATION: registrationRequest,
  REGISTRATION_ACK: registrationAckRequest,
  ID_CERT_RENEWAL: idCertRenewalRequest,
  AUTHORIZATION: authorizationRequest,
  DEREGISTRATION: deregistrationRequest,
  POLL: pollRequest,
  DLC: conversionRequest,
  HELLO: helloRequest,
} as const satisfies Record<RequestType, z.ZodType>

/** What `response_data` of an OK is, for the messages whose answer has any. */
export const replies = {
  REGISTRATION: registrationReply,
  ID_CERT_RENEWAL: idCertRenewalReply,
  AUTHORIZATION: authorizationReply,
  DLC: conversionReply,
} as const satisfies Partial<Record<RequestType, z.ZodType>>

export type RequestData<T extends RequestType> = z.output<(typeof requests)[T]>
export type ReplyData<T extends keyof typeof replies> = z.output<(typeof replies)[T]>

/** Step 12 of 5.3: the message's own members. Refuses with Malformed, which names every member that is wrong. */
export const parseRequestData = <T extends RequestType>(type: T, data: unknown): RequestData<T> =>
  check(requests[type], data) as RequestData<T>

/** The client's side: `response_data` of an OK. Refuses with Malformed. */
export const parseReplyData = <T extends keyof typeof replies>(type: T, data: unknown): ReplyData<T> =>
  check(replies[type], data, 'response_data') as ReplyData<T>
