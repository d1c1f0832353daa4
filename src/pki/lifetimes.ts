import { day, hour, later } from '../rules/clock.ts'

/** From when to when a certificate holds. */
export type Validity = { notBefore: Date; notAfter: Date }

/**
 * `days` from now. It begins an hour ago: a product whose clock is slow by what the wire allows (5.3: "within ±1 h") must not find its new certificate
 * not yet valid.
 */
export const daysFrom = (now: Date, days: number): Validity => ({ notBefore: later(now, -hour), notAfter: later(now, days * day) })

/** Calendar years from now, for authorities. */
export function yearsFrom(now: Date, years: number): Validity {
  const notAfter = new Date(now)
  notAfter.setUTCFullYear(now.getUTCFullYear() + years)
  return { notBefore: later(now, -hour), notAfter }
}
