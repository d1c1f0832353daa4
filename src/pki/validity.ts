import { later, second } from '../rules/clock.ts'
import { clockSkew } from '../rules/lifetimes.ts'

/** From when to when a certificate holds. */
export type Validity = { notBefore: Date; notAfter: Date }

/**
 * For `life` milliseconds from now. It begins an hour ago: a product whose clock is behind by what the wire allows (5.3: "within ±1 h") must not find
 * its new certificate not yet valid. `holdersTime` is what the holder says the time is: where that is earlier, the certificate begins by it. Both ends
 * are whole seconds, as a certificate holds them, so that what we tell of it is what it says.
 */
export function validFor(now: Date, life: number, holdersTime: Date = now): Validity {
  const earlier = holdersTime < now ? holdersTime : now
  return { notBefore: later(wholeSecond(earlier), -clockSkew), notAfter: later(wholeSecond(now), life) }
}

const wholeSecond = (date: Date) => new Date(Math.floor(date.getTime() / second) * second)

/** For so many calendar years. */
export function validForYears(now: Date, years: number): Validity {
  const end = new Date(now)
  end.setUTCFullYear(now.getUTCFullYear() + years)
  return validFor(now, end.getTime() - now.getTime())
}
