import { SOAP } from '../namespaces.ts'
import { escapeXml } from './xml.ts'

/** Whose fault it is, in the words of SOAP 1.2. `Receiver` is ours: this side cannot answer now. */
export type SoapFaultCode = 'Sender' | 'Receiver' | 'MustUnderstand'

/** A header block that asked to be understood and was not. */
export interface HeaderBlock {
  uri: string
  local: string
}

/** A Call Home message that cannot be answered with a licensing reply (5.9): the fault's code, its sentence and the HTTP status. */
export class SoapFault extends Error {
  readonly code: SoapFaultCode
  readonly sentence: string
  readonly httpStatus: number
  readonly notUnderstood: HeaderBlock | undefined

  constructor(code: SoapFaultCode, sentence: string, httpStatus: number, notUnderstood?: HeaderBlock) {
    super(sentence)
    this.name = 'SoapFault'
    this.code = code
    this.sentence = sentence
    this.httpStatus = httpStatus
    this.notUnderstood = notUnderstood
  }
}

/** The SOAP 1.2 document of a fault. A MustUnderstand fault names the block in a NotUnderstood header, as SOAP 1.2 (5.4.8) asks. */
export const soapFault = ({ code, sentence, notUnderstood }: SoapFault): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<soap-env:Envelope xmlns:soap-env="${SOAP}">${notUnderstood?.uri ? notUnderstoodHeader(notUnderstood) : ''}
 <soap-env:Body><soap-env:Fault>
  <soap-env:Code><soap-env:Value>soap-env:${code}</soap-env:Value></soap-env:Code>
  <soap-env:Reason><soap-env:Text xml:lang="en">${escapeXml(sentence)}</soap-env:Text></soap-env:Reason>
 </soap-env:Fault></soap-env:Body></soap-env:Envelope>
`

const notUnderstoodHeader = ({ uri, local }: HeaderBlock) => `
 <soap-env:Header><soap-env:NotUnderstood qname="block:${escapeXml(local)}" xmlns:block="${escapeXml(uri)}"/></soap-env:Header>`
