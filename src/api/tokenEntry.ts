import { z } from 'zod'
import { type RegistrationToken, type TokenStanding, tokenStanding } from '../rules/tokens.ts'
import { moment, written } from './fields.ts'

/** A registration token in an answer. */
export const token = z.object({
  token: z.string().nullable(),
  tokenId: z.uuid(),
  description: z.string(),
  status: z.enum(['Usable', 'Expired', 'Used Up', 'Revoked']),
  expirationDate: moment,
  createdDate: moment,
  createdBy: z.string(),
  exportControlled: z.enum(['Allowed', 'Not Allowed']),
  maxUses: z.int().nullable(),
  uses: z.int(),
})

const statusWords = { usable: 'Usable', expired: 'Expired', 'used up': 'Used Up', revoked: 'Revoked' } as const satisfies Record<
  TokenStanding,
  string
>

/** The standing that a word of the answer means; null for any other word. */
export const standingOf = (word: string): TokenStanding | null =>
  (Object.keys(statusWords) as TokenStanding[]).find(standing => statusWords[standing] === word) ?? null

/** A token as it is shown; `secret` is its text, null where it was revoked and is of use to nobody. */
export const tokenEntry = (found: RegistrationToken, secret: string | null, now: Date): z.input<typeof token> => ({
  token: secret,
  tokenId: found.id,
  description: found.description,
  status: statusWords[tokenStanding(found, now)],
  expirationDate: written(found.expiresAt),
  createdDate: written(found.createdAt),
  createdBy: found.createdBy,
  exportControlled: found.exportControlled ? 'Allowed' : 'Not Allowed',
  maxUses: found.maximumUses,
  uses: found.uses,
})
