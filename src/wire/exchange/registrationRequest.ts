import { z } from 'zod'
import { certificateRequest } from '../fields.ts'
import { accountWish, commonMembers } from './common.ts'

/**
 * A Local Account asks to be registered. Signed with the key of `account_ca_csr`, without any certificate: trust comes from the person
 * or client who submits it (7.3).
 */
export const registrationRequestPayload = z.object({
  ...commonMembers,
  type: z.literal('registration-request'),
  smart_account: accountWish,
  virtual_account: accountWish,
  account_ca_csr: certificateRequest,
  server_signing_csr: certificateRequest,
  token_policy: z.null().optional(),
})
export type RegistrationRequestPayload = z.output<typeof registrationRequestPayload>
