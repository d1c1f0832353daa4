import type { Context } from '../../../src/context.ts'
import { tokenPurpose } from '../../../src/licensing/createRegistrationToken.ts'
import { writeTokenText } from '../../../src/licensing/tokenText.ts'
import { day, hour, later } from '../../../src/rules/clock.ts'
import { mintIdentifier } from '../../../src/rules/identifiers.ts'
import type { RegistrationToken } from '../../../src/rules/tokens.ts'
import { insertRegistrationToken } from '../../../src/storage/registrationTokens.ts'
import { bytesOf } from './deterministic.ts'

const perAccount = 60
const purposes = ['Rollout', 'Refresh', 'Contractor', 'Replacement', 'Pilot']

/** Inserts an account's tokens, of every standing, with secrets that can be shown; gives their identifiers. */
export async function insertTokens(context: Context, localAccountId: number, ordinal: number, places: number[]): Promise<string[]> {
  const ids: string[] = []
  for (let number = 0; number < perAccount; number++) {
    const token = tokenOf(
      localAccountId,
      number,
      places[number % places.length]!,
      bytesOf(`token ${ordinal} ${number}`),
      context.clock.now(),
    )
    const { text, plain } = writeTokenText(token, bytesOf(`secret ${ordinal} ${number}`))
    const secret = { hash: context.secrets.keyedHash(plain, tokenPurpose), sealed: context.secrets.seal(text, tokenPurpose) }
    await insertRegistrationToken(context.storage.db, token, secret)
    ids.push(token.id)
  }
  return ids
}

/** Of ten tokens one was revoked, three have ended, one ends in these days; one of the rest is for a counted number of products. */
function tokenOf(localAccountId: number, number: number, place: number, chance: Buffer, now: Date): RegistrationToken {
  const turn = number % 10
  const createdAt = later(now, -(number + 1) * 5 * day - (chance[0]! % 24) * hour)
  const life = turn < 3 ? 1 + turn : turn === 3 ? (number + 1) * 5 + 4 : 365 + number * 5
  return {
    localAccountId,
    id: mintIdentifier(localAccountId, createdAt, chance),
    localVirtualAccountId: place,
    description: `${purposes[turn % purposes.length]} ${1 + Math.floor(number / 10)}`,
    exportControlled: turn % 3 === 0,
    maximumUses: turn === 5 ? 1_000_000 : null,
    uses: 0,
    expiresAt: later(createdAt, life * day),
    createdAt,
    createdBy: 'a.novak',
    revokedAt: turn === 4 ? later(createdAt, 3 * day) : null,
  }
}
