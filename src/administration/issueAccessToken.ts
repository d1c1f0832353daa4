import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { type ApiClient, type ApiScope, accessTokenLife, narrowScopes } from '../rules/apiClients.ts'
import { later, second } from '../rules/clock.ts'
import { noFailedSignIns } from '../rules/lockout.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { needsSecondFactor } from '../rules/secondFactor.ts'
import { mustChangePassword, type SecuritySettings } from '../rules/security.ts'
import { type ApiToken, insertApiToken } from '../storage/apiTokens.ts'
import type { Db } from '../storage/db.ts'
import { listRolesOf } from '../storage/roleAssignments.ts'
import { findSecondFactor } from '../storage/secondFactors.ts'
import { findSecuritySettings } from '../storage/securitySettings.ts'
import { updateUser } from '../storage/users.ts'
import { hashApiSecret } from './apiSecrets.ts'
import { type ClientClaim, recogniseApiClient } from './recogniseApiClient.ts'
import { recogniseUser } from './recogniseUser.ts'

/** A person whose password a script has. `consent`: they say that they agree to the banner, where that is asked for. */
type Grantor = { username: string; password: string; consent?: boolean }

/** What a script asks for: a token for itself or, with `user`, for a person whose password it has; with the scopes it names, or all of its own. */
export type AccessTokenRequest = ClientClaim & { user?: Grantor | undefined; scopes: string[] }

/** The text that the script sends with each call, and for how many seconds. */
export type AccessToken = { accessToken: string; expiresIn: number; scopes: ApiScope[] }

/**
 * Issues an access token: opaque, kept as a hash, good for an hour and never longer than its client. Refuses a client or a person that is not
 * recognised, and scopes that the client has not. A person who still has to change the password does that in the browser first, and
 * nobody gets in by a script who would not get in there: where a banner has to be agreed to, the grant says so.
 */
export async function issueAccessToken(context: Context, request: AccessTokenRequest): Promise<AccessToken> {
  const client = await recogniseApiClient(context, request)
  const scopes = narrowScopes(client.scopes, request.scopes)
  if (!request.user) return keep(context.storage.db, client, null, scopes, context.clock.now())
  const security = await findSecuritySettings(context.storage.db)
  refuseUnless(!security.banner.consent || request.user.consent, 'INVALID', sayConsent(security), 'consent')
  return recogniseUser(context, { ...request.user, address: request.address }, async (tx, user, now) => {
    if (mustChangePassword(user, security.passwords, now))
      throw new Refusal('NOT_SIGNED_IN', 'Sign in with a browser and change the password first.', 'username')
    const factor = await findSecondFactor(tx, user.id)
    if (factor?.confirmedAt || needsSecondFactor(user, await listRolesOf(tx, user.id), security.secondFactor))
      throw new Refusal(
        'NOT_SIGNED_IN',
        'This person signs in with a second factor, which a script has not. Use a client of its own.',
        'username',
      )
    await updateUser(tx, user.id, noFailedSignIns)
    return keep(tx, client, user.id, scopes, now)
  })
}

const sayConsent = ({ banner }: SecuritySettings) =>
  `Whoever signs in here agrees to a text first. Send consent=on if you do: ${banner.text}`

async function keep(db: Db, client: ApiClient, userId: number | null, scopes: ApiScope[], now: Date): Promise<AccessToken> {
  const accessToken = randomBytes(32).toString('base64url')
  const token: ApiToken = {
    tokenHash: hashApiSecret(accessToken),
    apiClientId: client.id,
    userId,
    scopes,
    createdAt: now,
    expiresAt: earlier(later(now, accessTokenLife), client.expiresAt),
  }
  await insertApiToken(db, token)
  return { accessToken, scopes, expiresIn: Math.floor((token.expiresAt.getTime() - now.getTime()) / second) }
}

const earlier = (date: Date, other: Date | null): Date => (other && other < date ? other : date)
