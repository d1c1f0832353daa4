import { randomBytes } from 'node:crypto'
import type { SecretBox } from '../../pki/secretBox.ts'
import { webhookSecret } from '../../rules/webhooks.ts'

const purpose = 'webhook key'

/** A new key for a webhook: as it is kept, and as it is shown, once. */
export function makeReceiverKey(secrets: SecretBox): { sealed: Buffer; shown: string } {
  const key = randomBytes(32)
  return { sealed: secrets.seal(key, purpose), shown: webhookSecret(key) }
}

/** The key that a webhook's messages are signed with. */
export const openReceiverKey = (secrets: SecretBox, sealed: Buffer): Buffer => secrets.open(sealed, purpose)
