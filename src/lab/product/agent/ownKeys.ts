import { createPublicKey, type KeyObject } from 'node:crypto'
import { makeCertificateRequest } from '../../../pki/certificateRequest.ts'
import type { Name } from '../../../pki/names.ts'

const publicKeys = new WeakMap<KeyObject, KeyObject>()
const requests = new WeakMap<KeyObject, string>()

/** The public key that belongs to a private one, derived once: a fleet shares a few keys among thousands of products. */
export function publicKeyOf(privateKey: KeyObject): KeyObject {
  const publicKey = publicKeys.get(privateKey) ?? createPublicKey(privateKey)
  publicKeys.set(privateKey, publicKey)
  return publicKey
}

/**
 * A certificate request for a key, made once. Products that share a key share it, too, though it names but one of them: its subject is for the
 * reader alone, "subject ignored" (5.5).
 */
export async function certificateRequestOf(privateKey: KeyObject, subject: Name): Promise<string> {
  const request = requests.get(privateKey) ?? (await makeCertificateRequest({ privateKey, publicKey: publicKeyOf(privateKey) }, subject))
  requests.set(privateKey, request)
  return request
}
