import { AuthorizationResponseError, ClientError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client'
import { type OpenIdSettings, returnAddress } from '../rules/openId.ts'
import { ProviderFault, type ProviderStep } from './providerFault.ts'

/** Does a step; what goes wrong in it fails with the step and a sentence. Words of a provider are quoted, as far as they are words. */
export async function inTheWordsOf<T>(step: ProviderStep, settings: OpenIdSettings, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw faultOf(step, settings, error)
  }
}

function faultOf(step: ProviderStep, settings: OpenIdSettings, error: unknown): ProviderFault {
  const on = [error, (error as Error).cause, ((error as Error).cause as Error | undefined)?.cause].find(
    each => each instanceof ProviderFault,
  )
  // A connection that broke says which step it was by itself, but for the last.
  if (on) return on.step === 'answer' ? new ProviderFault(step, on.message, error) : on
  return new ProviderFault(step, sentenceOf(step, settings, error), error)
}

function sentenceOf(step: ProviderStep, settings: OpenIdSettings, error: unknown): string {
  if (error instanceof AuthorizationResponseError) return `The provider refused: ${quoted(error.error_description ?? error.error)}.`
  if (error instanceof ResponseBodyError) return refused(settings, error)
  if (error instanceof WWWAuthenticateChallengeError) return challenged(settings, error)
  const code = error instanceof ClientError ? error.code : undefined
  const words = sentences[code ?? '']
  if (words) return words(settings)
  if (step === 'discovery') return `There is no description of a provider below ${settings.issuer}. Check the address of the provider.`
  if (step === 'keys') return `The keys of ${settings.issuer} cannot be read. Look at them there.`
  return `What the provider said is not as it should be (${quoted(code ?? (error as Error).message)}).`
}

const ofClient = 'Check client id and secret, here and there.'

const unknownClient = ({ clientId }: OpenIdSettings) => `The provider does not take ${clientId} with this secret. ${ofClient}`

/** A question for the token that it gave just before is one about the person; any other is one about the client. */
const challenged = (settings: OpenIdSettings, { cause, status }: WWWAuthenticateChallengeError): string =>
  cause.some(({ scheme }) => scheme === 'bearer')
    ? `The provider does not tell who signed in (HTTP ${status}). Look whether the client may read about people there.`
    : unknownClient(settings)

const refused = (settings: OpenIdSettings, { error, error_description: description }: ResponseBodyError): string => {
  if (error === 'invalid_client' || error === 'unauthorized_client') return unknownClient(settings)
  const why = quoted(description ?? error)
  return error === 'invalid_grant'
    ? `The provider does not take the code back: ${why}. Register ${returnAddress(settings)} there.`
    : `The provider refused: ${why}.`
}

const sentences: Record<string, (settings: OpenIdSettings) => string> = {
  OAUTH_TIMEOUT: ({ issuer }) => `${issuer} did not answer in time. Try again later.`,
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: () => 'The token of the provider is too old or too new. Set the clocks of both machines by NTP.',
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: () => 'The token of the provider was made for somebody else, or for another sign-in.',
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: ({ issuer }) =>
    `The provider calls itself otherwise than ${issuer}. Write its address as it does.`,
  OAUTH_KEY_SELECTION_FAILED: ({ issuer }) => `The token was signed with a key that ${issuer} does not list.`,
  OAUTH_HTTP_REQUEST_FORBIDDEN: () => 'The provider names an address that does not begin with https://.',
  OAUTH_RESPONSE_IS_NOT_JSON: ({ issuer }) => `What ${issuer} answers is no JSON. Check the address of the provider.`,
}

/** A provider's words as they stand in a sentence of ours: one line, and not endless. */
const quoted = (words: string): string =>
  words
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 200)
