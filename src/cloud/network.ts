import { randomBytes } from 'node:crypto'
import type { Config } from '../config.ts'
import { readAnswer } from './answers.ts'
import type { Carried, CloudCarrier, CloudCredentials } from './carrier.ts'
import { connectionLimits, openConnection, type StepLimits } from './connect.ts'
import { unreachable } from './faults.ts'
import { type HttpAnswer, type HttpRequest, send as sendOver } from './http.ts'
import { type Nature, patiently } from './patience.ts'
import { refusalOf } from './refusals.ts'
import { destination } from './settings.ts'
import { signOn } from './signOn.ts'
import { tryOut } from './tryOut.ts'
import { straight, type Way } from './way.ts'
import { WayFault } from './wayFault.ts'

/** The cloud's interface (wire-cloud 7.1). */
const api = '/services/api/smart-accounts-and-licensing/v2'
const MIB = 1024 * 1024
/** "Limits: file 64 MiB", and room for what stands around it. */
const limits = { bytes: 80 * MIB, silence: 60_000, deadline: 10 * 60_000 }

/** Somebody waits for a trial. */
const trialLimits = { bytes: MIB, silence: 15_000, deadline: 20_000 }

type Settings = Pick<Config, 'cloudUrl' | 'cloudCaFile'> & { limits?: Partial<typeof limits & StepLimits>; pauses?: readonly number[] }

/** What one call says and to whom. */
type Call = { path: string; body: string; headers?: Record<string, string>; nature: Nature; sent?: HttpRequest['sent'] }

/**
 * Carries exchanges to the cloud over HTTPS, straight or through a proxy: signs on by OAuth, posts the container, and asks for the answer. The
 * way is read anew for each call, so that what is set counts at once.
 */
export function openNetworkCarrier(settings: Settings, readWay: () => Promise<Way> = async () => straight): CloudCarrier {
  const bounds = { ...limits, ...connectionLimits, ...settings.limits }
  const tokens = signOn((path, body, headers) => send({ path, body, headers, nature: 'asks' }))

  async function send({ path, body, headers = {}, nature, sent }: Call): Promise<HttpAnswer> {
    try {
      return await patiently(
        async () => {
          const { url, way } = await destination(settings, readWay, path)
          const connection = await openConnection(url, way, bounds)
          return sendOver(connection, {
            url,
            headers: { Accept: 'application/json', ...headers },
            body,
            limits: bounds,
            ...(sent && { sent }),
          })
        },
        nature,
        settings.pauses,
      )
    } catch (error) {
      throw error instanceof WayFault ? unreachable(error) : error
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
    async carry({ exchange, container, serverUuid, smartAccountId, virtualAccountId }, credentials, sent) {
      const headers = {
        'X-CSW-REQUESTING-SYSTEM': JSON.stringify({ uuid: serverUuid }),
        ...(smartAccountId && { 'X-CSW-SMART-ACCOUNT-ID': smartAccountId }),
        ...(virtualAccountId && { 'X-CSW-VIRTUAL-ACCOUNT-ID': virtualAccountId }),
      }
      const question: Call = { path: `${api}/onprem/${exchange}`, body: container, headers, nature: 'carries', ...(sent && { sent }) }
      return understand(await call(question, credentials))
    },
    async ask(pollId, credentials) {
      const nonce = randomBytes(16).toString('base64url')
      const body = JSON.stringify({ data: { poll_id: pollId, action: 'synchronizations', timestamp: sentAt(), nonce } })
      return understand(await call({ path: `${api}/accounts/poll`, body, nature: 'asks' }, credentials), nonce)
    },
    tryOut: (credentials, now) =>
      tryOut({ find: path => destination(settings, readWay, path), bounds: { ...bounds, ...trialLimits }, credentials, now }),
  }
}

const sentAt = () => Math.round(performance.timeOrigin + performance.now())

function understand(answer: HttpAnswer, nonce?: string): Carried {
  if (answer.status === 200 || answer.status === 202) return readAnswer(answer.body, nonce)
  throw refusalOf(answer)
}
