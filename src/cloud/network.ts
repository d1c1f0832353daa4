import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent } from 'node:https'
import { rootCertificates } from 'node:tls'
import type { Config } from '../config.ts'
import { Refusal, refuseUnless } from '../rules/refusal.ts'
import { readAnswer } from './answers.ts'
import type { Carried, CloudCarrier, CloudCredentials } from './carrier.ts'
import { unreachable } from './faults.ts'
import { type HttpAnswer, HttpFault, post } from './http.ts'
import { signOn } from './signOn.ts'

/** The cloud's interface (wire-cloud 7.1). */
const api = '/services/api/smart-accounts-and-licensing/v2'
const MIB = 1024 * 1024
/** "Limits: file 64 MiB", and room for what stands around it. */
const limits = { bytes: 80 * MIB, silence: 60_000, deadline: 10 * 60_000 }

type Settings = Pick<Config, 'cloudUrl' | 'cloudCaFile'> & { limits?: Partial<typeof limits> }

/** What one call says and to whom. */
type Call = { path: string; body: string; headers?: Record<string, string> }

/**
 * Carries exchanges to the cloud over HTTPS: signs on by OAuth, posts the container, and asks for the answer. The cloud's certificate must lead
 * to a root that the platform knows or to one in the extra file.
 */
export function openNetworkCarrier(settings: Settings): CloudCarrier {
  const bounds = { ...limits, ...settings.limits }
  const agent = new Agent({ keepAlive: false, minVersion: 'TLSv1.2' })
  const tokens = signOn((path, body, headers) => send({ path, body, headers }))

  async function send({ path, body, headers = {} }: Call): Promise<HttpAnswer> {
    const { cloudUrl, cloudCaFile } = settings
    refuseUnless(
      cloudUrl,
      'CLOUD_UNREACHABLE',
      'No address of the cloud is set. Name it in QUARTERMASTER_CLOUD_URL, or synchronize by file.',
    )
    agent.options.ca = trusted(cloudCaFile)
    const url = new URL(cloudUrl + path)
    try {
      return await post({ url, headers: { Accept: 'application/json', ...headers }, body, agent, limits: bounds })
    } catch (error) {
      throw error instanceof HttpFault ? unreachable(url.host, error) : error
    }
  }

  /** "401 -> one silent re-authentication, then fail". */
  async function call(question: Call, credentials: CloudCredentials): Promise<HttpAnswer> {
    const ask = async () => {
      const headers = { 'Content-Type': 'application/json', ...question.headers, Authorization: `Bearer ${await tokens.get(credentials)}` }
      return send({ ...question, headers })
    }
    const first = await ask()
    if (first.status !== 401) return first
    tokens.forget(credentials)
    return ask()
  }

  return {
    async carry({ exchange, container, serverUuid, smartAccountId, virtualAccountId }, credentials) {
      const headers = {
        'X-CSW-REQUESTING-SYSTEM': JSON.stringify({ uuid: serverUuid }),
        ...(smartAccountId && { 'X-CSW-SMART-ACCOUNT-ID': smartAccountId }),
        ...(virtualAccountId && { 'X-CSW-VIRTUAL-ACCOUNT-ID': virtualAccountId }),
      }
      return understand(await call({ path: `${api}/onprem/${exchange}`, body: container, headers }, credentials))
    },
    async ask(pollId, credentials) {
      const nonce = randomBytes(16).toString('base64url')
      const body = JSON.stringify({ data: { poll_id: pollId, action: 'synchronizations', timestamp: sentAt(), nonce } })
      return understand(await call({ path: `${api}/accounts/poll`, body }, credentials), nonce)
    },
  }
}

/** The platform's roots and those of the file, which is read anew for each call so that a new one counts at once. */
function trusted(file: string | undefined): string[] {
  if (!file) return [...rootCertificates]
  try {
    return [...rootCertificates, readFileSync(file, 'utf8')]
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Refusal('CLOUD_UNREACHABLE', `The file ${file} of QUARTERMASTER_CLOUD_CA cannot be read (${code}).`)
  }
}

const sentAt = () => Math.round(performance.timeOrigin + performance.now())

function understand({ status, headers, body }: HttpAnswer, nonce?: string): Carried {
  if (status === 200 || status === 202) return readAnswer(body, nonce)
  const most = headers['x-payload-entities-max-limit']
  if (status === 413) {
    throw new Refusal(
      'CLOUD_REFUSED',
      `The cloud does not take that much at once${most ? ` (at most ${most} items)` : ''}. Synchronize by file.`,
    )
  }
  if (status === 401 || status === 403) {
    throw new Refusal(
      'CLOUD_UNREACHABLE',
      'The cloud does not let this client in. Check its client id and secret, and what it may do there.',
    )
  }
  throw new Refusal('CLOUD_UNREACHABLE', `The cloud is in trouble (HTTP ${status}). Try again later.`)
}
