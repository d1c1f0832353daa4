import { day, daysBetween } from './clock.ts'

/** From so long before its end on, an authority of the trust store is warned of. */
export const authorityWarning = 90 * day

/** What is to be said of an authority that ends: nothing for long, then more and more urgently. The last 14 days are major, its end is critical. */
export function authorityAlert({ name, notAfter }: { name: string; notAfter: Date }, now: Date) {
  const left = notAfter.getTime() - now.getTime()
  if (left > authorityWarning) return undefined
  const ends = notAfter.toISOString().slice(0, 10)
  if (left <= 0) {
    const message = `The trusted authority ${name} ended on ${ends}: what it vouches for is not believed any more.`
    return { severity: 'critical' as const, message }
  }
  const days = daysBetween(now, notAfter)
  const when = days === 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`
  return {
    severity: days < 14 ? ('major' as const) : ('minor' as const),
    message: `The trusted authority ${name} ends ${when}, on ${ends}. A cloud or a proxy with a certificate of it cannot be reached from then on.`,
  }
}
