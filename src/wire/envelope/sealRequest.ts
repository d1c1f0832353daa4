import type { RequestType } from '../messages/types.ts'
import { fullSudi, type Sudi } from '../udi.ts'
import { type ConnectInfo, DEFAULT_LOCALE, HIGHEST_VERSION } from './header.ts'
import { type Sign, seal } from './signing.ts'

/** What a product says in a request; the rest of the envelope follows from it. */
export interface OutgoingRequest {
  request_type: RequestType
  sudi: Partial<Sudi>
  /** Milliseconds since the epoch, by the product's clock. */
  timestamp: number
  /** A fresh one for each message, the same again for a retransmission: a positive 63-bit integer in decimal. */
  nonce: string
  version?: string
  connect_info?: ConnectInfo | null
  product_instance_identifier?: string | null
  id_cert_serial_number?: string | null
  signing_cert_serial_number?: string | null
  /** The message's own members of `request_data`. */
  data: object
}

/** The bytes of a request, signed over the exact text of `request`. `sign` null leaves it unsigned, as a HELLO may be. */
export function sealRequest(outgoing: OutgoingRequest, sign: Sign | null): Promise<Buffer> {
  const { timestamp, nonce, product_instance_identifier = null } = outgoing
  const sudi = fullSudi(outgoing.sudi)
  const header = {
    version: outgoing.version ?? HIGHEST_VERSION,
    locale: DEFAULT_LOCALE,
    sudi,
    timestamp,
    nonce,
    request_type: outgoing.request_type,
    agent_actions: null,
    connect_info: outgoing.connect_info ?? null,
    product_instance_identifier,
    id_cert_serial_number: outgoing.id_cert_serial_number ?? null,
    signing_cert_serial_number: outgoing.signing_cert_serial_number ?? null,
  }
  const request_data = JSON.stringify({ sudi, timestamp, nonce, product_instance_identifier, ...outgoing.data })
  return seal('request', JSON.stringify({ header, nonce, request_data }), sign)
}
