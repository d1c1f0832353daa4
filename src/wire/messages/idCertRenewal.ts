import { z } from 'zod'
import { certificateRequest } from '../fields.ts'
import { type IdentityReply, identityReply } from './registration.ts'

/** ID_CERT_RENEWAL: a new certificate for the same or a new key, signed with the current one. */
export const idCertRenewalRequest = z.object({ csr: certificateRequest })
export type IdCertRenewalRequest = z.output<typeof idCertRenewalRequest>

export const idCertRenewalReply = identityReply
export type IdCertRenewalReply = IdentityReply
