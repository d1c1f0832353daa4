import { SaxesParser, type SaxesTagNS } from 'saxes'
import { decodeBase64 } from '../base64.ts'
import { LICENSING_ATTACHMENT } from '../namespaces.ts'
import { refuseUnlessUnderstood } from './mustUnderstand.ts'
import { type Place, placeIn } from './places.ts'
import { SoapFault } from './soapFault.ts'

const DEEPEST = 32
const MOST_ATTRIBUTES = 256
/** In the whole document. An inventory of a large chassis has some thousands; a body of empty elements would have 700,000. */
const MOST_ELEMENTS = 16_384
const MOST_ATTRIBUTES_IN_ALL = 16_384

/** A Call Home message, as far as this side cares. */
export interface CallHome {
  /** The JSON of the licensing attachment; null when the message is about something else. */
  attachment: Buffer | null
  messageId: string | null
  to: string | null
  from: string | null
}

/**
 * Takes the licensing JSON out of its Call Home document. Refuses with SoapFault (5.9): what is not UTF-8 or not XML, a DOCTYPE, entities
 * beyond the five predefined, more than 32 levels or 256 attributes, more elements or attributes in all than a document may have, what is no SOAP 1.2 envelope, header blocks that must be understood
 * and are not, no attachment at all, two named `smart_licensing_data`, an encoding nobody knows.
 */
export function unwrapCallHome(body: Uint8Array): CallHome {
  const reader = new Reader()
  reader.read(decode(body))
  return reader.result()
}

const sender = (sentence: string) => new SoapFault('Sender', sentence, 400)

const utf8 = new TextDecoder('utf-8', { fatal: true })

function decode(body: Uint8Array): string {
  try {
    return utf8.decode(body)
  } catch {
    throw sender('The message is not valid UTF-8.')
  }
}

interface Attachment {
  name: string
  encoding: string
  data: string
}

/** A parser that stops at the first thing that is no XML; a handler of its error event would be one event too many, see below. */
class StrictParser extends SaxesParser<{ xmlns: true; position: false }> {
  override fail(): this {
    throw sender('The message is not well-formed XML.')
  }
}

/**
 * Goes through the document once and keeps the session's addresses and the attachments. It listens to no more events than it needs: with
 * more than six handlers a saxes parser becomes a slow object to the engine, and reading takes five times as long (measured).
 */
class Reader {
  readonly #parser = new StrictParser({ xmlns: true, position: false })
  /** Where the open elements stand, the innermost last. */
  readonly #places: (Place | null)[] = []
  readonly #session = { To: '', From: '', MessageId: '' }
  readonly #attachments: Attachment[] = []
  #attributes = 0
  #attributesInAll = 0
  #elements = 0

  constructor() {
    this.#parser.on('doctype', () => {
      throw sender('The message must not have a DOCTYPE.')
    })
    this.#parser.on('attribute', () => {
      if (++this.#attributes > MOST_ATTRIBUTES) throw sender(`An element has more than ${MOST_ATTRIBUTES} attributes.`)
      if (++this.#attributesInAll > MOST_ATTRIBUTES_IN_ALL) throw sender(`The message has more than ${MOST_ATTRIBUTES_IN_ALL} attributes.`)
    })
    this.#parser.on('opentag', tag => this.#open(tag))
    this.#parser.on('closetag', () => this.#places.pop())
    this.#parser.on('text', text => this.#text(text))
    this.#parser.on('cdata', text => this.#text(text))
  }

  read(document: string) {
    this.#parser.write(document)
    const { version = '1.0', encoding = 'UTF-8' } = this.#parser.xmlDecl
    this.#parser.close()
    if (version !== '1.0') throw sender('The message must be XML 1.0.')
    if (!/^utf-?8$/i.test(encoding)) throw sender('The message must be encoded in UTF-8.')
  }

  result(): CallHome {
    if (this.#attachments.length === 0) throw sender('The message has no attachment.')
    const licensing = this.#attachments.filter(attachment => attachment.name.trim() === LICENSING_ATTACHMENT)
    if (licensing.length > 1) throw sender(`The message has more than one attachment named ${LICENSING_ATTACHMENT}.`)
    const { To, From, MessageId } = this.#session
    return {
      attachment: licensing[0] ? bytesOf(licensing[0]) : null,
      messageId: MessageId.trim() || null,
      to: To.trim() || null,
      from: From.trim() || null,
    }
  }

  #open(tag: SaxesTagNS) {
    this.#attributes = 0
    if (++this.#elements > MOST_ELEMENTS) throw sender(`The message has more than ${MOST_ELEMENTS} elements.`)
    if (this.#places.length === DEEPEST) throw sender(`The message is nested deeper than ${DEEPEST} levels.`)
    const parent = this.#places.length === 0 ? 'document' : this.#places.at(-1)!
    const place = placeIn(parent, tag.uri, tag.local)
    if (parent === 'document' && place === null) throw sender('The message is not a SOAP 1.2 envelope.')
    if (parent === 'Header' && place === null) refuseUnlessUnderstood(tag)
    if (place === 'Attachment') this.#attachments.push({ name: '', encoding: 'plain', data: '' })
    if (place === 'Data') this.#attachments.at(-1)!.encoding = tag.attributes.encoding?.value ?? 'plain'
    this.#places.push(place)
  }

  /** Text and CDATA are one: a `]]>` of the JSON comes as two sections (5.9). */
  #text(text: string) {
    const place = this.#places.at(-1)
    if (place === 'Data') this.#attachments.at(-1)!.data += text
    else if (place === 'Name') this.#attachments.at(-1)!.name += text
    else if (place === 'To' || place === 'From' || place === 'MessageId') this.#session[place] += text
  }
}

function bytesOf({ encoding, data }: Attachment): Buffer {
  if (encoding === 'plain' || encoding === 'text') return Buffer.from(data)
  if (encoding !== 'base64') throw sender(`The attachment ${LICENSING_ATTACHMENT} has an unknown encoding.`)
  const bytes = decodeBase64(data)
  if (bytes === null) throw sender(`The attachment ${LICENSING_ATTACHMENT} is not valid base64.`)
  return bytes
}
