import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes'
import { decodeBase64 } from '../base64.ts'
import { AML_BLOCK, AML_SESSION, LICENSING_ATTACHMENT, SOAP, SOAP_ROLE_NEXT, SOAP_ROLE_ULTIMATE_RECEIVER } from '../namespaces.ts'
import { SoapFault } from './soapFault.ts'

const DEEPEST = 32
const MOST_ATTRIBUTES = 256

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
 * beyond the five predefined, more than 32 levels or 256 attributes, what is no SOAP 1.2 envelope, header blocks that must be understood
 * and are not, no attachment at all, two named `smart_licensing_data`, an encoding nobody knows.
 */
export function unwrapCallHome(body: Uint8Array): CallHome {
  const reader = new Reader()
  const text = decode(body)
  try {
    reader.read(text)
  } catch (error) {
    throw error instanceof SoapFault ? error : sender('The message is not well-formed XML.')
  }
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

const SESSION = `${SOAP}|Envelope/${SOAP}|Header/${AML_SESSION}|Session`
const ATTACHMENT = ['Block', 'Attachments', 'Attachment'].reduce(
  (path, step) => `${path}/${AML_BLOCK}|${step}`,
  `${SOAP}|Envelope/${SOAP}|Body`,
)

/** Goes through the document once and keeps the session's addresses and the attachments; everything else is passed over. */
class Reader {
  readonly #parser = new SaxesParser({ xmlns: true, position: false })
  readonly #path: string[] = []
  readonly #session = new Map<string, string>()
  readonly #attachments: Attachment[] = []
  #depth = 0
  #attributes = 0

  constructor() {
    this.#parser.on('xmldecl', ({ version, encoding }) => {
      if (version !== '1.0') throw sender('The message must be XML 1.0.')
      if (encoding && !/^utf-?8$/i.test(encoding)) throw sender('The message must be encoded in UTF-8.')
    })
    this.#parser.on('doctype', () => {
      throw sender('The message must not have a DOCTYPE.')
    })
    this.#parser.on('opentagstart', () => {
      if (++this.#depth > DEEPEST) throw sender(`The message is nested deeper than ${DEEPEST} levels.`)
      this.#attributes = 0
    })
    this.#parser.on('attribute', () => {
      if (++this.#attributes > MOST_ATTRIBUTES) throw sender(`An element has more than ${MOST_ATTRIBUTES} attributes.`)
    })
    this.#parser.on('opentag', tag => this.#open(tag))
    this.#parser.on('closetag', () => this.#close())
    this.#parser.on('text', text => this.#text(text))
    this.#parser.on('cdata', text => this.#text(text))
  }

  read(document: string) {
    this.#parser.write(document).close()
  }

  result(): CallHome {
    if (this.#attachments.length === 0) throw sender('The message has no attachment.')
    const licensing = this.#attachments.filter(attachment => attachment.name.trim() === LICENSING_ATTACHMENT)
    if (licensing.length > 1) throw sender(`The message has more than one attachment named ${LICENSING_ATTACHMENT}.`)
    const of = (name: string) => this.#session.get(`${SESSION}/${AML_SESSION}|${name}`)?.trim() || null
    const [attachment] = licensing
    return { attachment: attachment ? bytesOf(attachment) : null, messageId: of('MessageId'), to: of('To'), from: of('From') }
  }

  #open(tag: SaxesTagNS) {
    this.#path.push(`${this.#path.at(-1) ?? ''}${this.#path.length ? '/' : ''}${tag.uri}|${tag.local}`)
    const here = this.#path.at(-1)!
    if (this.#path.length === 1 && here !== `${SOAP}|Envelope`) throw sender('The message is not a SOAP 1.2 envelope.')
    if (this.#path.length === 3 && here.startsWith(`${SOAP}|Envelope/${SOAP}|Header/`)) refuseUnlessUnderstood(tag)
    if (here === ATTACHMENT) this.#attachments.push({ name: '', encoding: 'plain', data: '' })
    if (here === `${ATTACHMENT}/${AML_BLOCK}|Data`) this.#attachments.at(-1)!.encoding = tag.attributes.encoding?.value ?? 'plain'
  }

  #close() {
    this.#path.pop()
    this.#depth--
  }

  /** Text and CDATA are one: a `]]>` of the JSON comes as two sections (5.9). */
  #text(text: string) {
    const here = this.#path.at(-1)
    if (here === undefined) return
    if (here === `${ATTACHMENT}/${AML_BLOCK}|Name`) this.#attachments.at(-1)!.name += text
    else if (here === `${ATTACHMENT}/${AML_BLOCK}|Data`) this.#attachments.at(-1)!.data += text
    else if (here.startsWith(SESSION)) this.#session.set(here, (this.#session.get(here) ?? '') + text)
  }
}

/** A header block for us that insists on being understood must be one that is: the session. */
function refuseUnlessUnderstood(tag: SaxesTagNS) {
  const attributes = Object.values(tag.attributes as Record<string, SaxesAttributeNS>)
  const soapAttribute = (local: string) => attributes.find(each => each.uri === SOAP && each.local === local)?.value.trim()
  const insists = ['true', '1'].includes(soapAttribute('mustUnderstand') ?? '')
  const role = soapAttribute('role') || SOAP_ROLE_ULTIMATE_RECEIVER
  if (!insists || ![SOAP_ROLE_NEXT, SOAP_ROLE_ULTIMATE_RECEIVER].includes(role)) return
  if (tag.uri === AML_SESSION && tag.local === 'Session') return
  throw new SoapFault('MustUnderstand', `The header block ${tag.local} is not understood.`, 500, { uri: tag.uri, local: tag.local })
}

function bytesOf({ encoding, data }: Attachment): Buffer {
  if (encoding === 'plain' || encoding === 'text') return Buffer.from(data)
  if (encoding !== 'base64') throw sender(`The attachment ${LICENSING_ATTACHMENT} has an unknown encoding.`)
  const bytes = decodeBase64(data)
  if (bytes === null) throw sender(`The attachment ${LICENSING_ATTACHMENT} is not valid base64.`)
  return bytes
}
