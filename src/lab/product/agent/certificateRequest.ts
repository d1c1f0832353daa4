import { createPublicKey } from 'node:crypto'
import { makeCertificateRequest } from '../../../pki/certificateRequest.ts'
import type { Session } from './session.ts'

/** A certificate request for a key of the store. Its subject is for the reader alone: "subject ignored" (5.5). */
export async function certificateRequestFor({ store, identity }: Session, keyName: string): Promise<string> {
  const privateKey = await store.key(keyName)
  return makeCertificateRequest({ privateKey, publicKey: createPublicKey(privateKey) }, [
    ['CN', identity.pid],
    ['serialNumber', identity.serialNumber],
  ])
}
