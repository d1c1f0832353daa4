import { z } from 'zod'
import { serialNumber } from '../fields.ts'

/** REGISTRATION_ACK: the product holds its new certificate. Signed with its key; answered OK without data. */
export const registrationAckRequest = z.object({ id_cert_serial_number: serialNumber })
export type RegistrationAckRequest = z.output<typeof registrationAckRequest>
