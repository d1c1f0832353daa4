import type { CustomFetch } from 'openid-client'
import { connectionLimits, openConnection } from '../../cloud/connect.ts'
import { sentenceOf } from '../../cloud/faults.ts'
import { type HttpAnswer, send } from '../../cloud/http.ts'
import type { Way } from '../../cloud/way.ts'
import { WayFault } from '../../cloud/wayFault.ts'
import { ProviderFault, type ProviderWitness } from '../../directory/providerFault.ts'

/** Somebody waits for each step before a page. No answer of a provider is as large as this, but for the groups of many. */
const limits = {
  ...connectionLimits,
  dns: 4000,
  tcp: 4000,
  proxy: 6000,
  tls: 4000,
  bytes: 4 * 1024 * 1024,
  silence: 8000,
  deadline: 12_000,
}

/**
 * Asks a provider over the way that the cloud is asked over: by the proxy, where one is set, and believing the trust store. No redirection is
 * followed. Each step has its own end, and fails with a ProviderFault that names it; the witness hears of those that held.
 */
export const providerFetch =
  (readWay: () => Promise<Way>, witness: ProviderWitness = () => {}): CustomFetch =>
  async (address, { method, headers, body }) => {
    try {
      const url = urlOf(address)
      const connection = await openConnection(url, await readWay(), limits, witness, 'provider')
      const text = body === undefined || body === null ? undefined : String(body)
      const ours = method === 'POST' ? { body: text ?? '' } : {}
      return responseOf(await send(connection, { url, headers, ...ours, limits, peer: 'provider' }))
    } catch (error) {
      if (!(error instanceof WayFault)) throw error
      throw new ProviderFault(error.step === 'settings' ? 'discovery' : error.step, sentenceOf(error), error)
    }
  }

function urlOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol === 'https:') return url
  throw new ProviderFault('discovery', 'The provider names an address that does not begin with https://.')
}

function responseOf({ status, headers, body }: HttpAnswer): Response {
  const told = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one): [string, string] => [name, one]))
  const hasBody = ![204, 205, 304].includes(status)
  return new Response(hasBody ? new Uint8Array(body) : null, { status, headers: told })
}
