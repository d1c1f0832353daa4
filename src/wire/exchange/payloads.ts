import type { z } from 'zod'
import { ContainerFault } from '../containerFault.ts'
import { check } from '../fields.ts'
import { Malformed } from '../malformed.ts'
import { type ContainerType, FORMAT_VERSION } from './common.ts'
import { registrationRequestPayload } from './registrationRequest.ts'
import { registrationResponsePayload } from './registrationResponse.ts'
import { syncRequestPayload } from './syncRequest.ts'
import { syncResponsePayload } from './syncResponse.ts'

/** The table of payloads (7.3). */
export const payloads = {
  'registration-request': registrationRequestPayload,
  'registration-response': registrationResponsePayload,
  'sync-request': syncRequestPayload,
  'sync-response': syncResponsePayload,
} as const satisfies Record<ContainerType, z.ZodType>

export type Payload<T extends ContainerType> = z.output<(typeof payloads)[T]>

/**
 * The payload of a container of type `typ`. Refuses with ContainerFault: another `type` than the header's `typ`, a later
 * `format_version`, members that are missing or wrong.
 */
export function parsePayload<T extends ContainerType>(typ: T, value: unknown): Payload<T> {
  const { type, format_version } = (value ?? {}) as Record<string, unknown>
  if (type !== typ) throw new ContainerFault('WRONG_TYPE', `The content of the file is not a ${typ}.`)
  if (format_version !== FORMAT_VERSION) throw new ContainerFault('UNSUPPORTED_VERSION', 'The file is of a version that is not known here.')
  try {
    return check(payloads[typ], value) as Payload<T>
  } catch (error) {
    throw error instanceof Malformed ? new ContainerFault('FILE_MALFORMED', `The file cannot be read: ${error.message}`) : error
  }
}
