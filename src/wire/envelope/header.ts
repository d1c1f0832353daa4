import { z } from 'zod'
import { milliseconds, nonce, optional, serialNumber, text, uuid } from '../fields.ts'
import { sudi } from '../udi.ts'

/** The message versions this side reads, lowest and highest (5.1). */
export const LOWEST_VERSION = '1.0'
export const HIGHEST_VERSION = '1.3'
export const DEFAULT_LOCALE = 'en_US.UTF-8'

/** What one side says about itself: informative, but for its capabilities (2.2). */
export const connectInfo = z.object({
  name: optional(text(0, 128)),
  version: optional(text(0, 128)),
  production: optional(z.boolean()),
  additional_info: optional(text(0, 1024)),
  capabilities: optional(z.array(text(1, 64)).max(64, 'Must have at most 64 capabilities.')).transform(names => names ?? []),
})
export type ConnectInfo = z.output<typeof connectInfo>

/** `request.header` (5.1). `request_type` is any name here: whether it is known is a later check. */
export const requestHeader = z.object({
  version: z
    .string()
    .regex(/^\d{1,4}\.\d{1,4}$/, 'Must be a version such as 1.3.')
    .refine(version => compareVersions(version, LOWEST_VERSION) >= 0, `Must be ${LOWEST_VERSION} to ${HIGHEST_VERSION}.`),
  locale: optional(text(0, 32)).transform(locale => locale ?? DEFAULT_LOCALE),
  sudi,
  timestamp: optional(milliseconds).transform(timestamp => timestamp ?? 0),
  nonce,
  request_type: text(1, 64),
  connect_info: optional(connectInfo),
  product_instance_identifier: optional(uuid),
  id_cert_serial_number: optional(serialNumber),
  signing_cert_serial_number: optional(serialNumber),
})
export type RequestHeader = z.output<typeof requestHeader>

/** What every `request_data` has, whatever the message (2.2). Freshness is judged by this timestamp; the header's may be 0. */
export const commonData = z.object({
  sudi,
  timestamp: milliseconds,
  nonce,
  product_instance_identifier: optional(uuid),
})
export type CommonData = z.output<typeof commonData>

/** Below zero when `a` is the lower of two versions, above when the higher. */
export function compareVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number)
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number)
  return aMajor - bMajor || aMinor - bMinor
}
