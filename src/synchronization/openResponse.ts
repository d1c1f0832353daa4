import type { Context } from '../context.ts'
import { type Certificate, readCertificate } from '../pki/certificate.ts'
import { verifyJose } from '../pki/signature.ts'
import { verifyChain } from '../pki/trustChain.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { type OpenedContainer, openContainer, readPayload } from '../wire/container.ts'
import { ContainerFault } from '../wire/containerFault.ts'
import { type Payload, parsePayload } from '../wire/exchange/payloads.ts'
import { licensingRoots } from './licensingRoots.ts'

/** A response whose signature held. */
export type OpenedResponse = { payload: Payload<'registration-response'> | Payload<'sync-response'>; payloadHash: string; text: string }

/**
 * Opens a response and believes nothing before its signature held: "`x5c` must chain to the pinned root"; the signer must be the cloud's own,
 * not a server's or a product's that leads to the same root. Refuses with the codes of 7.5.
 */
export async function openResponse(context: Context, file: string | Uint8Array): Promise<OpenedResponse> {
  try {
    const container = openContainer(typeof file === 'string' ? Buffer.from(file) : file)
    const { typ } = container.header
    refuseUnless(
      typ === 'registration-response' || typ === 'sync-response',
      'WRONG_TYPE',
      'This is a request, not a response. Upload the file that the cloud gave in return for it.',
    )
    await verifySignature(context, container)
    const payload = parsePayload(typ, await readPayload(container))
    return { payload, payloadHash: container.payloadHash, text: Buffer.from(file).toString('utf8') }
  } catch (error) {
    throw error instanceof ContainerFault ? new Refusal(error.code, error.sentence) : error
  }
}

async function verifySignature(context: Context, container: OpenedContainer): Promise<void> {
  const { header, signedData, signature } = container
  const [leaf, ...issuers] = header.x5c.map(readSigner)
  refuseUnless(leaf, 'UNTRUSTED_CERT', 'The file does not say who signed it.')
  verifyChain(leaf, issuers, licensingRoots(context.config), context.clock.now(), { purpose: 'cloudSigner' })
  const holds = await verifyJose(header.alg, leaf.publicKey, signedData, signature)
  refuseUnless(holds, 'BAD_SIGNATURE', 'The signature of the file does not hold: the file was changed on its way. Fetch it again.')
}

function readSigner(der: string): Certificate {
  try {
    return readCertificate(Buffer.from(der, 'base64'))
  } catch {
    throw new Refusal('UNTRUSTED_CERT', 'The certificates in the file cannot be read.')
  }
}
