import type { Identity } from '../licensing/prepareRegistration.ts'
import type { MessageSigner } from '../pki/authority.ts'
import { later, second } from '../rules/clock.ts'
import { authorizationDeadline, authorizationRenewal, idCertificateRenewal } from '../rules/lifetimes.ts'
import type { IdentityReply } from '../wire/messages/registration.ts'

/** What a product is given with a new identity: its certificate, who signs to it from now on, and its clocks (wire-device 5.5). */
export const identityReply = (
  { instance, certificate, authority, chain, issuedAt }: Identity,
  ofTheServer: MessageSigner,
): IdentityReply => ({
  product_instance_identifier: instance.id,
  id_cert: certificate.pem,
  id_cert_serial_number: certificate.serial,
  sub_ca_certs: chain,
  signing_cert: authority.signer.certificate.pem,
  signing_cert_serial_number: authority.signer.serial,
  server_signing_cert: ofTheServer.certificate.pem,
  export_controlled: instance.exportControlled ? 'ALLOWED' : 'NOT ALLOWED',
  expires_at: certificate.notAfter.getTime(),
  renew_at: later(issuedAt, idCertificateRenewal).getTime(),
  auth_renew_interval: authorizationRenewal / second,
  auth_deadline: authorizationDeadline / second,
})
