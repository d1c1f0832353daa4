import { serverVersion } from '../release.ts'
import { acknowledgement, messageId, SoapFault, soapFault, unwrapCallHome, wrapCallHomeReply } from '../wire/callHome.ts'
import type { Counters, Transport } from './counters.ts'

/** What leaves on HTTP. */
export type HttpReply = { status: number; type?: string; headers?: Record<string, string>; body?: string | Buffer }

/** How a message travels: which bodies it comes in, how its JSON is taken out, and how a reply or an HTTP refusal is written. */
export type TransportBinding = {
  name: Transport
  /** The media types it comes in. */
  accepts: ReadonlySet<string>
  /** Answers a body of `mediaType` with what `answer` makes of the JSON in it. */
  exchange(body: Buffer, mediaType: string, answer: (json: Buffer) => Promise<Buffer>): Promise<HttpReply>
  /** Says in this transport's way why a message gets no reply of its own. */
  refusal(status: number, mediaType: string, text: string): HttpReply
}

/** Smart Transport: the JSON is the body. */
export const smartTransport: TransportBinding = {
  name: 'smart-transport',
  accepts: new Set(['application/json']),
  exchange: async (body, _mediaType, answer) => ({ status: 200, type: 'application/json', body: await answer(body) }),
  refusal: (status, _mediaType, text) => ({ status, type: 'application/json', body: text }),
}

const xml = new Set(['text/xml', 'application/soap+xml', 'application/xml'])

/** Call Home: the JSON is an attachment of a SOAP document (wire-device 5.9). `now` dates the replies. */
export function callHome(counters: Counters, now: () => Date): TransportBinding {
  let counter = 0
  const composition = () => {
    const createdAt = now()
    counter++
    return { messageId: messageId(counter, 'ONPREM', createdAt), createdAt, builder: { name: 'Quartermaster', version: serverVersion } }
  }
  const typeOf = (mediaType: string) => `${xml.has(mediaType) ? mediaType : 'application/soap+xml'}; charset=utf-8`
  const fault = (error: SoapFault, mediaType: string): HttpReply => ({
    status: error.httpStatus,
    type: typeOf(mediaType),
    body: soapFault(error),
  })

  async function exchange(body: Buffer, mediaType: string, answer: (json: Buffer) => Promise<Buffer>): Promise<HttpReply> {
    const message = unwrapCallHome(body)
    const reply = { status: 200, type: typeOf(mediaType) }
    if (message.attachment) {
      return { ...reply, body: wrapCallHomeReply((await answer(message.attachment)).toString('utf8'), message, composition()) }
    }
    counters.count('other', 'call-home', 'DROPPED')
    return { ...reply, body: acknowledgement(message, composition()) }
  }

  return {
    name: 'call-home',
    accepts: xml,
    exchange: (body, mediaType, answer) =>
      exchange(body, mediaType, answer).catch(error => {
        if (error instanceof SoapFault) return fault(error, mediaType)
        throw error
      }),
    refusal: (status, mediaType, text) => fault(new SoapFault(status < 500 ? 'Sender' : 'Receiver', text, status), mediaType),
  }
}
