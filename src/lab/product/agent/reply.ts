import { verifyNow } from '../../../pki/signature.ts'
import { openResponse, type ResponseEnvelope, type ResponseFields } from '../../../wire/envelope.ts'
import { Malformed } from '../../../wire/malformed.ts'
import { CommunicationFailure } from './failures.ts'
import { type Signer, signerOf } from './signers.ts'
import type { Registration } from './state.ts'
import type { Trust } from './trust.ts'

/** What a reply is judged by. `registration` is null for a message that names no instance. */
export type Expectation = { nonce: string; registration: Registration | null; trust: Trust; now: Date }

/** A reply that is the server's answer to our question. */
export type Believed = { fields: ResponseFields; signer: Signer }

/**
 * Judges a reply in the client's order of 5.2: "parse -> nonce (30) -> signing cert by serial, chain to root (47/99) -> signature (45) ->
 * instance id (28) -> status". What fails is thrown as a CommunicationFailure and changes nothing. A registered product believes only the
 * signers of its own account and its own server, whatever the status: another account of the same root has no say.
 */
export function believe(bytes: Uint8Array, { nonce, registration, trust, now }: Expectation): Believed {
  const envelope = parse(bytes)
  const { fields } = envelope
  if (fields.nonce !== nonce || fields.header.nonce !== nonce) {
    throw new CommunicationFailure('wrongNonce', 'The reply answers another message: its nonce is not the one that was sent.')
  }
  const signer = signerOf(fields, registration, trust, now)
  refuseWrongSignature(envelope, signer)
  if (registration && signer.standing === 'stranger') {
    throw new CommunicationFailure(
      'untrustedSigner',
      "The reply is signed by somebody who is neither of this product's account nor its server.",
    )
  }
  refuseWrongInstance(fields, registration)
  return { fields, signer }
}

function parse(bytes: Uint8Array): ResponseEnvelope {
  try {
    return openResponse(bytes)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw new CommunicationFailure('cannotParse', `The answer is no licensing reply: ${error.message}`)
  }
}

function refuseWrongSignature({ signature, response }: ResponseEnvelope, { path }: Signer): void {
  if (!signature) throw new CommunicationFailure('wrongSignature', 'The reply is not signed.')
  if (!verifyNow(path[0].publicKey, response, signature)) {
    throw new CommunicationFailure('wrongSignature', 'The signature of the reply is wrong.')
  }
}

/** An OK must name our instance. A refusal may name none, but not another's. */
function refuseWrongInstance({ header, status }: ResponseFields, registration: Registration | null): void {
  if (!registration) return
  const named = header.product_instance_identifier
  if (named === registration.instanceId || (named === null && status !== 'OK')) return
  throw new CommunicationFailure('wrongInstance', `The reply is for the instance ${named ?? 'none'}, not for this one.`)
}
