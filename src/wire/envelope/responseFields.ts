import type { MessageCode } from '../refusals.ts'
import type { ConnectInfo } from './header.ts'

export const statuses = ['OK', 'OK_POLL', 'OK_TRY_AGAIN', 'FAILED', 'VERSION_TOO_HIGH'] as const
export type Status = (typeof statuses)[number]

/** What a handler decided, before it is put into an envelope. */
export type Answer =
  | { status: 'OK'; data: object | null; action?: string }
  /** `data`: what is known so far, where something is. */
  | { status: 'OK_POLL'; poll_id: number; poll_interval: number; action: string; data?: object }
  | { status: 'OK_TRY_AGAIN'; retry_after: number }
  | { status: 'FAILED' | 'VERSION_TOO_HIGH'; message_code: MessageCode; message: string; action?: string }

/** `response`, decoded (5.2). `response_data` is the object itself; on the wire it is JSON text. */
export interface ResponseFields {
  header: ResponseHeader
  nonce: string
  timestamp: number
  status: Status
  message_code: MessageCode | null
  message: string | null
  poll_id: number | null
  poll_interval: number | null
  action: string | null
  retry_after: number | null
  correlation_id: string | null
  signing_cert: string | null
  sub_ca_certs: string[] | null
  response_data: object | null
}

export interface ResponseHeader {
  version: string
  locale: string
  request_type: string | null
  nonce: string
  timestamp: number
  product_instance_identifier: string | null
  id_cert_serial_number: string | null
  signing_cert_serial_number: string | null
  agent_actions: null
  connect_info: ConnectInfo | null
}
