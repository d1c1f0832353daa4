import type { Context } from '../context.ts'
import type { MessageSigner } from '../pki/authority.ts'
import { accountInForce } from '../rules/accounts.ts'
import type { AccountState } from '../storage/senders.ts'

/** Before the first Local Account is registered there is nobody to sign: the door is not open yet (wire-device 5.2). */
export class NobodySigns extends Error {}

/**
 * Who answers: the account's signer; and the server signer "requests that name no known account, and accounts whose certificates have ended".
 */
export async function signerFor(context: Context, account: AccountState | undefined, now: Date): Promise<MessageSigner> {
  const authority = account && accountInForce(account, now) ? await context.authority.find(account.id) : undefined
  return authority && now < authority.signer.certificate.notAfter ? authority.signer : serverSigner(context)
}

/** The signer of those whom no account answers. */
export async function serverSigner(context: Context): Promise<MessageSigner> {
  const signer = await context.authority.serverSigner()
  if (!signer) throw new NobodySigns('No Local Account is registered yet.')
  return signer
}
