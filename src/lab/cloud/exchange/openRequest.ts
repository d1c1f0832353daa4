import type { KeyObject } from 'node:crypto'
import { type Certificate, readCertificate } from '../../../pki/certificate.ts'
import { readCertificateRequest } from '../../../pki/certificateRequest.ts'
import { publicKeyPem } from '../../../pki/keys.ts'
import { accountCa, partOf } from '../../../pki/names.ts'
import { verifyJose } from '../../../pki/signature.ts'
import { verifyChain } from '../../../pki/trustChain.ts'
import { type OpenedContainer, openContainer, readPayload } from '../../../wire/container.ts'
import { ContainerFault } from '../../../wire/containerFault.ts'
import { parsePayload } from '../../../wire/exchange/payloads.ts'
import type { RegistrationRequestPayload } from '../../../wire/exchange/registrationRequest.ts'
import type { SyncRequestPayload } from '../../../wire/exchange/syncRequest.ts'
import { CloudRefusal, refuseUnless } from '../refusal.ts'

/** A request whose signature held, with the key of the account CA that vouches for it. */
export type OpenedRequest = { payloadHash: string; accountCaKey: string } & (
  | { payload: RegistrationRequestPayload }
  | { payload: SyncRequestPayload }
)

/**
 * Opens what a server sent: a registration request, signed with the key it asks a certificate for, or a synchronization request, whose chain
 * leads to our root. Refuses with the codes of 7.5.
 */
export async function openRequest(file: Uint8Array, root: Certificate, now: Date): Promise<OpenedRequest> {
  return refusing(async () => {
    const container = openContainer(file)
    if (container.header.typ === 'registration-request') return openRegistration(container)
    refuseUnless(
      container.header.typ === 'sync-request',
      'WRONG_TYPE',
      'This is a response, not a request. Upload the file that the server made.',
    )
    return openSynchronization(container, root, now)
  })
}

/** "Signed with the key of `account_ca_csr` … Trust comes from the logged-in human or OAuth client who submits it." */
async function openRegistration(container: OpenedContainer): Promise<OpenedRequest> {
  const payload = parsePayload('registration-request', await readPayload(container))
  const { publicKey } = readCertificateRequest(payload.account_ca_csr)
  readCertificateRequest(payload.server_signing_csr)
  await verifySignature(container, publicKey)
  return { payload, payloadHash: container.payloadHash, accountCaKey: publicKeyPem(publicKey) }
}

/** "leaf, whose issuer, the account CA, names the account of the payload" */
async function openSynchronization(container: OpenedContainer, root: Certificate, now: Date): Promise<OpenedRequest> {
  const [leaf, ...issuers] = container.header.x5c.map(der => readCertificate(Buffer.from(der, 'base64')))
  refuseUnless(leaf, 'UNTRUSTED_CERT', 'The request does not say who signed it.')
  const [, issuer] = verifyChain(leaf, issuers, [root], now, { purpose: 'messageSigner' })
  refuseUnless(issuer && partOf(issuer.subject, 'CN') === accountCa, 'UNTRUSTED_CERT', 'The request is not signed by a Local Account.')
  await verifySignature(container, leaf.publicKey)
  const payload = parsePayload('sync-request', await readPayload(container))
  const names = partOf(issuer.subject, 'serialNumber') === payload.local_account_id
  refuseUnless(names, 'WRONG_ACCOUNT', 'The request is signed by another Local Account than it is for.')
  return { payload, payloadHash: container.payloadHash, accountCaKey: publicKeyPem(issuer.publicKey) }
}

async function verifySignature({ header, signedData, signature }: OpenedContainer, key: KeyObject): Promise<void> {
  const holds = await verifyJose(header.alg, key, signedData, signature)
  refuseUnless(holds, 'BAD_SIGNATURE', 'The signature of the request does not hold: it was changed on its way.')
}

/** What the rooms of certificates and of files refuse, this cloud refuses in their words. */
async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ContainerFault) throw new CloudRefusal(error.code, error.sentence)
    const { name, code, message } = error as Error & { code?: string }
    if (name !== 'Refusal') throw error
    throw new CloudRefusal(code === 'UNTRUSTED_CERT' || code === 'CERT_EXPIRED' ? code : 'FILE_MALFORMED', message)
  }
}
