import { partOf } from '../../../pki/names.ts'
import { Malformed } from '../../../wire/malformed.ts'
import { parseReplyData, type ReplyData, type replies } from '../../../wire/messages/index.ts'
import { CommunicationFailure } from './failures.ts'
import { publicKeyOf } from './ownKeys.ts'
import type { Believed } from './reply.ts'
import type { Session } from './session.ts'
import { isSame } from './signers.ts'
import type { Registration } from './state.ts'
import { readable } from './trust.ts'

type Issued = Omit<Registration, 'smartAccount' | 'virtualAccount' | 'registeredAt'>

/**
 * What a product keeps of the answer to a REGISTRATION or a renewal. Throws CommunicationFailure (48, 49) for an ID certificate that is not
 * ours: for another key or instance, or not of the account that signed the answer.
 */
export async function registrationFrom(
  session: Session,
  data: ReplyData<'ID_CERT_RENEWAL'>,
  { signer }: Believed,
  keyName: string,
): Promise<Issued> {
  const now = session.clock.now()
  const [certificate, accountCa] = session.trust.follow(data.id_cert, data.sub_ca_certs, 'idCertificate', now)
  const [signedBy, ...signersIssuers] = session.trust.follow(data.signing_cert, data.sub_ca_certs, 'messageSigner', now)
  const publicKey = publicKeyOf(await session.store.key(keyName))
  mustHold(certificate.publicKey.equals(publicKey), 'is for another key')
  mustHold(partOf(certificate.subject, 'serialNumber') === data.product_instance_identifier, 'names another instance')
  mustHold(certificate.serial === data.id_cert_serial_number, 'has another serial number than the answer says')
  mustHold(signedBy.serial === data.signing_cert_serial_number, 'comes with a signer of another serial number than the answer says')
  mustHold(isSame(signersIssuers[0]!, accountCa!) && isSame(signer.path[1]!, accountCa!), 'is not of the account that signed the answer')
  return {
    instanceId: data.product_instance_identifier,
    keyName,
    idCertificate: data.id_cert,
    idCertificateSerial: certificate.serial,
    issuers: data.sub_ca_certs,
    signer: signedBy.pem,
    signerSerial: signedBy.serial,
    signerIssuers: signersIssuers.slice(0, -1).map(issuer => issuer.pem),
    serverSigner: readable(data.server_signing_cert).pem,
    exportControlled: data.export_controlled,
    renewAt: data.renew_at,
    expiresAt: data.expires_at,
    authorizationInterval: data.auth_renew_interval,
    acknowledged: false,
  }
}

function mustHold(condition: boolean, complaint: string): void {
  if (!condition) throw new CommunicationFailure('untrustedIdCertificate', `The ID certificate in the answer ${complaint}.`)
}

/** `response_data` of an OK. Throws CommunicationFailure 17 where a member is missing or wrong. */
export function replyData<T extends keyof typeof replies>(type: T, { fields }: Believed): ReplyData<T> {
  try {
    return parseReplyData(type, fields.response_data)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw new CommunicationFailure('cannotParse', `The answer cannot be used: ${error.message}`)
  }
}
