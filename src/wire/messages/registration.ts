import { z } from 'zod'
import { certificate, certificateRequest, hostname, integer, milliseconds, optional, serialNumber, text, uuid } from '../fields.ts'
import { type Sudi, sudi, sudiKey, tag } from '../udi.ts'

/** One device of a product, which may be a stack or a pair. `hostname` and tag may be left out. */
export const device = z.object({
  sudi,
  hostname,
  software_tag_identifier: optional(tag),
  role: z.enum(['Active', 'Standby', 'Member']),
})
export type Device = z.output<typeof device>

const deviceList = z
  .array(device)
  .min(1, 'Must have 1 to 16 devices.')
  .max(16, 'Must have 1 to 16 devices.')
  .refine(list => list.filter(each => each.role === 'Active').length === 1, 'Must have exactly one Active device.')
  .refine(list => new Set(list.map(each => sudiKey(each.sudi))).size === list.length, 'Must not have a device twice.')

/** REGISTRATION: a product presents a token and a certificate request, signed with the key inside that request. */
export const registrationRequest = z.object({
  id_token: text(1, 255),
  software_tag_identifier: tag,
  csr: certificateRequest,
  hostname,
  force: optional(z.boolean()).transform(force => force ?? false),
  device_list: optional(deviceList),
})
export type RegistrationRequest = z.output<typeof registrationRequest>

/** The devices of a product: those it lists, else the sudi of the header alone, as the active one. */
export const devicesOf = (request: RegistrationRequest, headerSudi: Sudi): Device[] =>
  request.device_list ?? [
    { sudi: headerSudi, hostname: request.hostname, software_tag_identifier: request.software_tag_identifier, role: 'Active' },
  ]

/** What a renewal gets as well: everything of a registration but the accounts. */
export const identityReply = z.object({
  product_instance_identifier: uuid,
  id_cert: certificate,
  id_cert_serial_number: serialNumber,
  /** The issuer of `id_cert` first, the root not included. */
  sub_ca_certs: z.array(certificate),
  signing_cert: certificate,
  signing_cert_serial_number: serialNumber,
  /** The signer of replies that no account can sign (5.2). */
  server_signing_cert: certificate,
  export_controlled: z.enum(['ALLOWED', 'NOT ALLOWED']),
  expires_at: milliseconds,
  /** 180 days from now. */
  renew_at: milliseconds,
  /** Seconds between authorizations: 30 days. */
  auth_renew_interval: integer(0),
  /** Seconds from an authorization to its end: 90 days. */
  auth_deadline: integer(0),
})
export type IdentityReply = z.output<typeof identityReply>

export const registrationReply = identityReply.extend({ smart_account: text(0, 255), virtual_account: text(0, 255) })
export type RegistrationReply = z.output<typeof registrationReply>
