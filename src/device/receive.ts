import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import { devicePaths } from '../wire/devicePaths.ts'
import { Malformed } from '../wire/malformed.ts'
import { LARGEST_MESSAGE, overSize } from '../wire/refusals.ts'
import { answerMessage } from './answerMessage.ts'
import { type BodyReader, openBodyReader } from './body.ts'
import type { Door, Origin } from './message.ts'
import { send } from './send.ts'
import { NobodySigns } from './signers.ts'
import { sourceOf } from './source.ts'
import { callHome, type HttpReply, smartTransport, type TransportBinding } from './transports.ts'
import { Crowded } from './turnstile.ts'

/** Answers one HTTP request. */
export type Receiver = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** The door's HTTP side (wire-device 5.8): two paths, POST alone, no cookie, no banner. */
export function openReceiver(door: Door): Receiver {
  const readBody = openBodyReader()
  const bindings = new Map<string, TransportBinding>([
    [devicePaths.smartTransport, smartTransport],
    [devicePaths.callHome, callHome(door.counters, () => door.context.clock.now())],
  ])
  return async (request, response) => {
    const binding = bindings.get(request.url?.split('?', 1)[0] ?? '')
    const reply = refusalByHeaders(request, binding) ?? (await exchange(door, binding!, readBody, request, response))
    if (!reply) return void response.destroy()
    if (reply.status !== 200) door.counters.count('unread', binding?.name ?? 'smart-transport', String(reply.status))
    send(request, response, reply)
  }
}

/** Steps 1 and 2 of wire-device 5.3, as far as the headers tell. */
function refusalByHeaders({ method, headers }: IncomingMessage, binding: TransportBinding | undefined): HttpReply | undefined {
  if (Number(headers['content-length']) > LARGEST_MESSAGE) return tooLarge(binding ?? smartTransport, headers)
  if (!binding) return { status: 404 }
  if (method !== 'POST') return { status: 405, headers: { Allow: 'POST' } }
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return { status: 411 }
  const { type, charset } = mediaType(headers)
  if (!binding.accepts.has(type) || !['', 'utf-8', 'utf8'].includes(charset)) return { status: 415 }
  return ['', 'identity'].includes(headers['content-encoding'] ?? '') ? undefined : { status: 415 }
}

/** Reads the message and has it answered; undefined when the connection broke off. */
async function exchange(
  door: Door,
  binding: TransportBinding,
  readBody: BodyReader,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<HttpReply | undefined> {
  const { type } = mediaType(request.headers)
  const origin = originOf(request, binding)
  if (request.headers.expect) response.writeContinue()
  try {
    const reply = await readBody(request, origin.source, body => binding.exchange(body, type, json => answerMessage(door, json, origin)))
    if (typeof reply === 'object') return reply
    if (reply === 'too large') return tooLarge(binding, request.headers)
    return reply === 'no room' ? notNow(binding, type) : undefined
  } catch (error) {
    if (error instanceof Malformed) return binding.refusal(400, type, error.text)
    if (!(error instanceof NobodySigns || error instanceof Crowded))
      door.context.log.error({ err: error, transport: binding.name }, 'A message could not be answered')
    return notNow(binding, type)
  }
}

const originOf = ({ socket }: IncomingMessage, { name }: TransportBinding): Origin => ({
  transport: name,
  secure: socket instanceof TLSSocket,
  address: socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown',
  source: sourceOf(socket.remoteAddress),
})

const tooLarge = (binding: TransportBinding, headers: IncomingHttpHeaders) => binding.refusal(413, mediaType(headers).type, overSize())

/** Nobody can sign, there is no room, or something is broken: the product takes it for a failed communication and comes again. */
const notNow = (binding: TransportBinding, type: string): HttpReply => ({
  ...binding.refusal(503, type, '{"server":["This server cannot answer now."]}'),
  headers: { 'Retry-After': '60' },
})

/** `application/json; charset=utf-8` in its two parts, in small letters; an unknown parameter is passed over. */
function mediaType(headers: IncomingHttpHeaders): { type: string; charset: string } {
  const [type = '', ...parameters] = (headers['content-type'] ?? '')
    .toLowerCase()
    .split(';')
    .map(part => part.trim())
  const charset = parameters.find(parameter => parameter.startsWith('charset='))?.slice('charset='.length) ?? ''
  return { type, charset: charset.replace(/^"(.*)"$/, '$1') }
}
