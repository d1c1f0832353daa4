import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import Provider, { type Configuration } from 'oidc-provider'
import { makeTestAuthority, openTlsPeer, type Peer, type TestAuthority } from './tlsPeer.ts'

/** A real provider of OpenID Connect (oidc-provider) that lets in whom it is told, and what it can be made to do wrong. */
export type OpenIdProvider = {
  issuer: string
  clientId: string
  secret: string
  authority: TestAuthority
  /** Who sits at the browser: the claims of the account. */
  person: { sub: string; [claim: string]: unknown }
  /** Changes the claims of a token that is handed out; it is signed anew with the provider's key, or with one that it does not list. */
  forge: ((claims: Record<string, unknown>) => Record<string, unknown>) | undefined
  forgeWith: KeyObject | undefined
  /** Answers in its place; true where it did. */
  instead: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined
  /** The same provider with other keys. */
  rotate(): void
  close(): Promise<void>
}

const newKey = (kid: string) => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  kid,
  use: 'sig',
  alg: 'RS256',
})

/** Opens a provider on 127.0.0.1 that knows a server at `address` as its client. */
export async function openIdProvider(address: string): Promise<OpenIdProvider> {
  const authority = await makeTestAuthority('provider')
  const [clientId, secret] = ['quartermaster', 'an open secret, for tests alone']
  let handler: RequestListener = (_request, response) => void response.end()
  let key = newKey('first')
  const peer: Peer = await openTlsPeer(await authority.certify(['127.0.0.1']), (request, response) => {
    if (!self.instead?.(request, response)) handler(request, response)
  })
  const start = () => {
    const provider = new Provider(self.issuer, configuration(self, { clientId, secret, address, key }))
    handler = handlerOf(provider, self, () => key)
  }
  const self: OpenIdProvider = {
    issuer: `https://127.0.0.1:${peer.port}`,
    ...{ clientId, secret, authority, person: { sub: 'grace' }, forge: undefined, forgeWith: undefined, instead: undefined },
    rotate() {
      key = newKey('second')
      start()
    },
    close: () => peer.close(),
  }
  start()
  return self
}

type Client = { clientId: string; secret: string; address: string; key: ReturnType<typeof newKey> }

const configuration = (self: OpenIdProvider, { clientId, secret, address, key }: Client): Configuration => ({
  clients: [
    {
      client_id: clientId,
      client_secret: secret,
      redirect_uris: [`${address}/sign-in/openid/return`],
      post_logout_redirect_uris: [`${address}/sign-in`],
    },
  ],
  jwks: { keys: [key as never] },
  cookies: { keys: ['of the tests'] },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email', 'email_verified'] },
  features: { devInteractions: { enabled: false } },
  ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
  pkce: { required: () => true },
  interactions: { url: (_context, { uid }) => `/at/${uid}` },
  findAccount: (_context, sub) => ({ accountId: sub, claims: () => self.person }),
  async loadExistingGrant({ oidc }) {
    const grant = new oidc.provider.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId! })
    grant.addOIDCScope('openid profile email')
    await grant.save()
    return grant
  },
})

function handlerOf(provider: Provider, self: OpenIdProvider, key: () => object): RequestListener {
  const answer = provider.callback()
  return async (request, response) => {
    // Whoever sits at the browser is let in without being asked.
    if (request.url?.startsWith('/at/'))
      return provider.interactionFinished(request, response, { login: { accountId: self.person.sub } }, { mergeWithLastSubmission: false })
    if (request.url === '/token' && self.forge) forgeTokens(response, claims => signed(self.forge!(claims), self.forgeWith ?? keyOf(key())))
    return answer(request, response)
  }
}

const keyOf = (jwk: object) => createPrivateKey({ key: jwk as never, format: 'jwk' })

function forgeTokens(response: ServerResponse, resign: (claims: Record<string, unknown>) => string): void {
  const end = response.end.bind(response)
  response.end = ((text: unknown) => {
    const answer = JSON.parse(String(text))
    answer.id_token = resign(JSON.parse(Buffer.from(answer.id_token.split('.')[1], 'base64url').toString()))
    response.setHeader('Content-Length', Buffer.byteLength(JSON.stringify(answer)))
    return end(JSON.stringify(answer))
  }) as never
}

function signed(claims: object, key: KeyObject): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const text = `${encode({ alg: 'RS256', kid: 'first', typ: 'JWT' })}.${encode(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
}
