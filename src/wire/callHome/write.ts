import {
  AML_BLOCK,
  AML_SESSION,
  CALL_HOME,
  LICENSING_ATTACHMENT,
  LICENSING_BLOCK,
  SESSION_FROM,
  SESSION_TO,
  SOAP,
  SOAP_ROLE_NEXT,
} from '../namespaces.ts'
import { cdata, escapeXml } from './xml.ts'

/** Who wrote a Call Home document and when. */
export interface Composition {
  /** `M<counter>:<serial>:<time>`, new for each document; see messageId. */
  messageId: string
  createdAt: Date
  /** The name and version of what composed it. */
  builder: { name: string; version: string }
}

/** What a reply takes over from the session of its request. */
export interface SessionOfRequest {
  messageId: string | null
  to: string | null
  from: string | null
}

/** `M1:FOX0000AAAA:68E7B800`: a counter, the sender's serial number, the seconds since the epoch in hexadecimal (2.1). */
export const messageId = (counter: number, serialNumber: string, at: Date): string =>
  `M${counter}:${serialNumber}:${Math.floor(at.getTime() / 1000)
    .toString(16)
    .toUpperCase()}`

/** A request's JSON in its Call Home document. */
export const wrapCallHomeRequest = (json: string, composition: Composition): string =>
  document({ to: SESSION_TO, from: SESSION_FROM, relatesTo: null }, block(composition, json), composition.messageId)

/** A reply's JSON in its Call Home document: addresses swapped, the request's MessageId in RelatesTo. */
export const wrapCallHomeReply = (json: string, request: SessionOfRequest, composition: Composition): string =>
  document(answering(request), block(composition, json), composition.messageId)

/** The empty acknowledgement of a Call Home message that is not about licensing: which message it was, and nothing else. */
export const acknowledgement = (request: SessionOfRequest, { messageId }: Pick<Composition, 'messageId'>): string =>
  document(answering(request), '', messageId)

interface Session {
  to: string
  from: string
  relatesTo: string | null
}

const answering = (request: SessionOfRequest): Session => ({
  to: request.from ?? SESSION_FROM,
  from: request.to ?? SESSION_TO,
  relatesTo: request.messageId,
})

const element = (name: string, text: string) => `<${name}>${escapeXml(text)}</${name}>`

const document = ({ to, from, relatesTo }: Session, block: string, messageId: string) => `<?xml version="1.0" encoding="UTF-8"?>
<soap-env:Envelope xmlns:soap-env="${SOAP}">
 <soap-env:Header><aml-session:Session xmlns:aml-session="${AML_SESSION}" soap-env:mustUnderstand="true" soap-env:role="${SOAP_ROLE_NEXT}">
  ${element('aml-session:To', to)}
  <aml-session:Path>${element('aml-session:Via', SESSION_FROM)}</aml-session:Path>
  ${element('aml-session:From', from)}
  ${element('aml-session:MessageId', messageId)}${relatesTo === null ? '' : `\n  ${element('aml-session:RelatesTo', relatesTo)}`}</aml-session:Session></soap-env:Header>
 <soap-env:Body>${block}</soap-env:Body></soap-env:Envelope>
`

const block = ({ messageId, createdAt, builder }: Composition, json: string) => `<aml-block:Block xmlns:aml-block="${AML_BLOCK}">
  <aml-block:Header>${element('aml-block:Type', LICENSING_BLOCK)}${element('aml-block:CreationDate', creationDate(createdAt))}
   <aml-block:Builder>${element('aml-block:Name', builder.name)}${element('aml-block:Version', builder.version)}</aml-block:Builder>
   <aml-block:BlockGroup>${element('aml-block:GroupId', messageId.replace(/^M/, 'G'))}<aml-block:Number>0</aml-block:Number><aml-block:IsLast>true</aml-block:IsLast>
    <aml-block:IsPrimary>true</aml-block:IsPrimary><aml-block:WaitForPrimary>false</aml-block:WaitForPrimary></aml-block:BlockGroup>
   <aml-block:Severity>2</aml-block:Severity></aml-block:Header>${contentAndAttachment(json)}</aml-block:Block>`

const contentAndAttachment = (json: string) => `
  <aml-block:Content><ch:CallHome xmlns:ch="${CALL_HOME}" version="1.0"/></aml-block:Content>
  <aml-block:Attachments><aml-block:Attachment type="inline">${element('aml-block:Name', LICENSING_ATTACHMENT)}
   <aml-block:Data encoding="plain">${cdata(json)}</aml-block:Data>
  </aml-block:Attachment></aml-block:Attachments>`

/** `2025-10-09 08:53:20 GMT+00:00` (2.1). */
const creationDate = (at: Date) => `${at.toISOString().slice(0, 19).replace('T', ' ')} GMT+00:00`
