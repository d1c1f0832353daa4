import * as openid from 'openid-client'
import { type Claims, type OpenIdSettings, returnAddress } from '../rules/openId.ts'
import { inTheWordsOf } from './openIdFaults.ts'
import { ProviderFault, type ProviderWitness } from './providerFault.ts'

/** A provider with all that it takes to ask it. `ahead`: by how many seconds the server's clock is ahead of the platform's. */
export type OpenIdProvider = { settings: OpenIdSettings; secret: string; fetch: openid.CustomFetch; ahead: number }

/** What a sign-in that is under way must come back with. Secret until then. */
export type Expected = { verifier: string; state: string; nonce: string }

/** Clocks of two machines differ: a token may be so many seconds too early or too late. */
const clockTolerance = 60

/** So many milliseconds for the whole of a question; the steps within it have their own. */
const patience = 15_000

/** What a provider is trusted with: its description, read anew each time, so that new keys and addresses count at once. */
async function discover({ settings, secret, fetch, ahead }: OpenIdProvider): Promise<openid.Configuration> {
  const bySecret: openid.ClientAuth = (server, client, body, headers) => {
    const ways = server.token_endpoint_auth_methods_supported
    // "If omitted, the default is client_secret_basic" (OpenID Connect Discovery 3).
    const inHeader = ways === undefined || ways.includes('client_secret_basic') || !ways.includes('client_secret_post')
    return (inHeader ? openid.ClientSecretBasic(secret) : openid.ClientSecretPost(secret))(server, client, body, headers)
  }
  const clocks = { [openid.clockSkew]: ahead, [openid.clockTolerance]: clockTolerance }
  // "every signed thing is verified before its content is believed", whatever it came over.
  const options = { [openid.customFetch]: fetch, timeout: patience / 1000, execute: [openid.enableNonRepudiationChecks] }
  return inTheWordsOf('discovery', settings, () => openid.discovery(new URL(settings.issuer), settings.clientId, clocks, bySecret, options))
}

/** Where a browser is to be sent to sign in, and what it must come back with: code flow with PKCE, a state and a nonce. */
export async function beginAtProvider(provider: OpenIdProvider): Promise<{ url: string; expected: Expected }> {
  const { settings } = provider
  const config = await discover(provider)
  const expected = { verifier: openid.randomPKCECodeVerifier(), state: openid.randomState(), nonce: openid.randomNonce() }
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: returnAddress(settings),
    scope: settings.scope,
    state: expected.state,
    nonce: expected.nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(expected.verifier),
    code_challenge_method: 'S256',
  })
  return { url: httpsAlone(url), expected }
}

/** What came of a sign-in at the provider: its claims, verified, and its token, with which a sign-out there begins. */
export type Vouching = { claims: Claims; idToken: string }

/** Redeems what a browser came back with. Fails with a ProviderFault where the provider refused, or said what cannot be believed. */
export async function finishAtProvider(provider: OpenIdProvider, query: string, expected: Expected): Promise<Vouching> {
  const config = await discover(provider)
  const came = new URL(`${returnAddress(provider.settings)}?${query}`)
  return inTheWordsOf('answer', provider.settings, async () => {
    const checks = {
      pkceCodeVerifier: expected.verifier,
      expectedState: expected.state,
      expectedNonce: expected.nonce,
      idTokenExpected: true,
    }
    const tokens = await openid.authorizationCodeGrant(config, came, checks)
    const claims = tokens.claims()!
    // Groups are often told there alone; the token's own claims win.
    const more = config.serverMetadata().userinfo_endpoint ? await openid.fetchUserInfo(config, tokens.access_token, claims.sub) : {}
    return { claims: { ...more, ...claims }, idToken: tokens.id_token! }
  })
}

/** Where a browser ends its sign-in at the provider too ("RP-Initiated Logout"); undefined where the provider offers none. */
export async function endAtProvider(provider: OpenIdProvider, idToken: string, back: string): Promise<string | undefined> {
  const config = await discover(provider)
  if (!config.serverMetadata().end_session_endpoint) return undefined
  return httpsAlone(openid.buildEndSessionUrl(config, { id_token_hint: idToken, post_logout_redirect_uri: back }))
}

/** "*Test connection*": the description, the keys, and whether the provider takes the client's id and secret. The witness hears of what held. */
export async function tryProvider(provider: OpenIdProvider, witness: ProviderWitness): Promise<void> {
  const { settings, fetch } = provider
  const config = await discover(provider)
  const { jwks_uri: keys, authorization_endpoint: start, token_endpoint: tokens, end_session_endpoint: end } = config.serverMetadata()
  if (!start || !tokens) throw new ProviderFault('discovery', `${settings.issuer} describes no code flow: it is no provider to sign in at.`)
  witness('discovery', `${settings.issuer} describes itself${end ? '' : '; it offers no sign-out'}.`)
  const found = await inTheWordsOf('keys', settings, async () => (await fetch(keys ?? '', { ...plain, method: 'GET' })).json())
  const count = Array.isArray((found as { keys?: unknown }).keys) ? (found as { keys: unknown[] }).keys.length : 0
  if (count === 0) throw new ProviderFault('keys', `There are no keys at ${keys}, with which its signatures would be verified.`)
  witness('keys', `${count} ${count === 1 ? 'key' : 'keys'} at ${keys}.`)
  await tryClient(config, settings)
  witness('client', `The provider takes ${settings.clientId} with its secret.`)
}

const plain = { headers: { accept: 'application/json' }, body: undefined, redirect: 'manual' as const }

/** A code that nobody was given: whoever is told so has been taken for the client. */
async function tryClient(config: openid.Configuration, settings: OpenIdSettings): Promise<void> {
  const parameters = { code: 'none', redirect_uri: returnAddress(settings), code_verifier: openid.randomPKCECodeVerifier() }
  try {
    await openid.genericGrantRequest(config, 'authorization_code', parameters)
  } catch (error) {
    if (error instanceof openid.ResponseBodyError && error.error === 'invalid_grant') return
    await inTheWordsOf('client', settings, () => Promise.reject(error))
  }
}

/** An address that a browser may be sent to, whatever the provider's description has. */
function httpsAlone(url: URL): string {
  if (url.protocol !== 'https:') throw new ProviderFault('discovery', 'The provider names an address that does not begin with https://.')
  return url.href
}
