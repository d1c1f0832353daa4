import { AML_BLOCK, AML_SESSION, SOAP } from '../namespaces.ts'

/** The elements of a Call Home document that are read; everything else stands at no place and is passed over. */
export type Place =
  | 'Envelope'
  | 'Header'
  | 'Session'
  | 'To'
  | 'From'
  | 'MessageId'
  | 'Body'
  | 'Block'
  | 'Attachments'
  | 'Attachment'
  | 'Name'
  | 'Data'

/** Where an element may stand, and in which namespace: 5.9 as a table. Prefixes do not matter. */
const children: Record<Place | 'document', readonly [uri: string, place: Place][]> = {
  document: [[SOAP, 'Envelope']],
  Envelope: [
    [SOAP, 'Header'],
    [SOAP, 'Body'],
  ],
  Header: [[AML_SESSION, 'Session']],
  Session: [
    [AML_SESSION, 'To'],
    [AML_SESSION, 'From'],
    [AML_SESSION, 'MessageId'],
  ],
  Body: [[AML_BLOCK, 'Block']],
  Block: [[AML_BLOCK, 'Attachments']],
  Attachments: [[AML_BLOCK, 'Attachment']],
  Attachment: [
    [AML_BLOCK, 'Name'],
    [AML_BLOCK, 'Data'],
  ],
  To: [],
  From: [],
  MessageId: [],
  Name: [],
  Data: [],
}

/** The place of an element inside `parent`, or null when it is not one that is read. */
export function placeIn(parent: Place | 'document' | null, uri: string, local: string): Place | null {
  if (parent === null) return null
  return children[parent].find(([childUri, place]) => place === local && childUri === uri)?.[1] ?? null
}
