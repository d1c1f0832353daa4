import type { SaxesTagNS } from 'saxes'
import { SOAP, SOAP_ROLE_NEXT, SOAP_ROLE_ULTIMATE_RECEIVER } from '../namespaces.ts'
import { SoapFault } from './soapFault.ts'

/**
 * A header block nobody here knows is passed over, unless it insists on being understood by us (SOAP 1.2, 5.2.3): then it is refused
 * with MustUnderstand and HTTP 500. A block for another role is not ours to judge.
 */
export function refuseUnlessUnderstood(block: SaxesTagNS): void {
  const insists = ['true', '1'].includes(soapAttribute(block, 'mustUnderstand') ?? 'false')
  const role = soapAttribute(block, 'role') || SOAP_ROLE_ULTIMATE_RECEIVER
  if (!insists || ![SOAP_ROLE_NEXT, SOAP_ROLE_ULTIMATE_RECEIVER].includes(role)) return
  throw new SoapFault('MustUnderstand', `The header block ${block.local} is not understood.`, 500, { uri: block.uri, local: block.local })
}

const soapAttribute = (block: SaxesTagNS, local: string) =>
  Object.values(block.attributes)
    .find(attribute => attribute.uri === SOAP && attribute.local === local)
    ?.value.trim()
