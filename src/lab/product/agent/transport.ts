import { messageId, SoapFault, unwrapCallHome, wrapCallHomeRequest } from '../../../wire/callHome.ts'
import type { Clock } from './clock.ts'
import { CommunicationFailure } from './failures.ts'
import type { HttpReply, Post } from './http.ts'
import type { Identity } from './identity.ts'
import { agentVersion } from './version.ts'

export const transports = ['smart', 'callhome'] as const
/** Smart Transport carries the JSON as it is; Call Home wraps it in SOAP. */
export type Transport = (typeof transports)[number]

const paths: Record<Transport, string> = {
  smart: '/SmartTransport',
  callhome: '/Transportgateway/services/DeviceRequestHandler',
}

/** Carries the JSON of a request to the server and gives the JSON of the reply, not yet believed. */
export type Carry = (json: string) => Promise<Buffer>

/** A carrier to the server at `base`, whose path follows from the transport. Throws for what is no http or https address. */
export function carrierOf(transport: Transport, base: string, post: Post, sender: { identity: Identity; clock: Clock }): Carry {
  const url = doorOf(transport, base)
  if (transport === 'smart') return async json => bodyOf(await post(url, 'application/json', json), url)
  let counter = 0
  return async json => {
    const now = sender.clock.now()
    const document = wrapCallHomeRequest(json, {
      messageId: messageId(++counter, sender.identity.serialNumber, now),
      createdAt: now,
      builder: { name: sender.identity.pid, version: agentVersion },
    })
    return attachmentOf(bodyOf(await post(url, 'text/xml; charset=utf-8', document), url))
  }
}

function doorOf(transport: Transport, base: string): URL {
  const url = URL.parse(paths[transport], base)
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`'${base}' is no address of a server: give one such as https://host:443.`)
  return url
}

/** "200 for every signed reply" (5.8): anything else is from something that could not, or would not, sign. */
function bodyOf({ status, retryAfter, body }: HttpReply, url: URL): Buffer {
  if (status === 200) return body
  const words = body.toString().replace(/\s+/g, ' ').trim().slice(0, 200)
  throw new CommunicationFailure('noReply', `${url.origin} answered HTTP ${status}, unsigned${words && `: ${words}`}`, retryAfter)
}

function attachmentOf(document: Buffer): Buffer {
  try {
    const { attachment } = unwrapCallHome(document)
    if (attachment) return attachment
  } catch (error) {
    if (!(error instanceof SoapFault)) throw error
    throw new CommunicationFailure('cannotParse', `The answer is no Call Home document: ${error.sentence}`)
  }
  throw new CommunicationFailure('cannotParse', 'The answer has no licensing attachment.')
}
