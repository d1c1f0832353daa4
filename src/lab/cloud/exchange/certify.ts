import type { KeyObject } from 'node:crypto'
import { readCertificateRequest } from '../../../pki/certificateRequest.ts'
import { readPublicKey } from '../../../pki/keys.ts'
import { issueAccountCa, issueServerSigner } from '../../../pki/licensingRoot.ts'
import type { Authorities } from '../store/authorities.ts'

/** Whom certificates are made for. Keys in PEM; the organization is that of the first time, so that the subject stays the same. */
export type Holder = {
  accountCaKey: string
  serverSigningKey: string
  organization: string
  localAccountId: string
  serverUuid: string
  /** What its server says the time is: where that clock is behind, the certificates begin by it, or the server could not use them yet. */
  itsTime: Date
}

/** The certificates of a response, each for 365 days from now. */
export async function certify({ subIssuer, subCa }: Authorities, holder: Holder, now: Date) {
  const accountCa = await issueAccountCa(subIssuer, accountOf(holder), now)
  const serverSigner = await issueServerSigner(
    subIssuer,
    { publicKey: readPublicKey(holder.serverSigningKey), uuid: holder.serverUuid, itsTime: holder.itsTime },
    now,
  )
  return { account_ca_cert: accountCa.pem, server_signing_cert: serverSigner.pem, sub_ca_certs: [subCa.pem] }
}

/** The certificate for agents that follow three certificates and no more: the account CA, signed by the root itself. */
export const certifyThreeTier = async ({ rootIssuer }: Authorities, holder: Holder, now: Date): Promise<string> =>
  (await issueAccountCa(rootIssuer, accountOf(holder), now)).pem

const accountOf = (holder: Holder) => ({
  publicKey: readPublicKey(holder.accountCaKey),
  organization: holder.organization,
  localAccountUuid: holder.localAccountId,
  itsTime: holder.itsTime,
})

/** The key that a request asks a certificate for. */
export const requestedKey = (pem: string): KeyObject => readCertificateRequest(pem).publicKey
