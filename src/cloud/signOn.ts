import { Refusal } from '../rules/refusal.ts'
import { type AccessToken, readToken } from './answers.ts'
import type { CloudCredentials } from './carrier.ts'
import type { HttpAnswer } from './http.ts'
import { refusalOf } from './refusals.ts'

type Post = (path: string, body: string, headers: Record<string, string>) => Promise<HttpAnswer>

/** Access tokens, kept while they last. */
export type Tokens = { get(credentials: CloudCredentials): Promise<string>; forget(credentials: CloudCredentials): void }

/** So long before its end a token is no longer used: the call it is for takes its time too. */
const margin = 60_000

/** Signs on at the cloud: "`POST <sso>/as/token.oauth2` (client_credentials, form) -> bearer, 3599 s". Refuses where the cloud says no. */
export function signOn(post: Post): Tokens {
  const kept = new Map<string, { token: string; until: number }>()
  const keyOf = ({ clientId, clientSecret }: CloudCredentials) => JSON.stringify([clientId, clientSecret])
  return {
    async get(credentials) {
      const known = kept.get(keyOf(credentials))
      if (known && performance.now() < known.until) return known.token
      const { access_token, expires_in } = await fetchToken(post, credentials)
      kept.set(keyOf(credentials), { token: access_token, until: performance.now() + expires_in * 1000 - margin })
      return access_token
    },
    forget: credentials => void kept.delete(keyOf(credentials)),
  }
}

async function fetchToken(post: Post, credentials: CloudCredentials): Promise<AccessToken> {
  const { path, body, headers } = signOnCall(credentials)
  return tokenIn(await post(path, body, headers), credentials)
}

/** The call by which a client signs on. */
export const signOnCall = ({ clientId, clientSecret }: CloudCredentials) => ({
  path: '/as/token.oauth2',
  body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }).toString(),
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
})

/** The token in the sign-on's answer. Refuses where it says no, or is none. */
export function tokenIn(answer: HttpAnswer, { clientId }: CloudCredentials): AccessToken {
  const { status, body } = answer
  if (status === 400 || status === 401 || status === 403) {
    throw new Refusal(
      'CLOUD_UNREACHABLE',
      `The cloud does not accept the client id ${clientId} with this secret. Enter them again.`,
      'clientId',
    )
  }
  if (status !== 200) throw refusalOf(answer)
  return readToken(body)
}
