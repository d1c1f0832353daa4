import { day, hour, later, minute } from './clock.ts'

/** Account certificates: "365 days from each synchronization". */
export const accountCertificateLife = 365 * day
/** "ID certificate: 365 days; product renews at 180". */
export const idCertificateLife = 365 * day
export const idCertificateRenewal = 180 * day
/** "authorization: product renews every 30 days, every 12 hours while out of compliance; deadline 90 days". */
export const authorizationRenewal = 30 * day
export const authorizationRetry = 12 * hour
export const authorizationDeadline = 90 * day
/** "product clocks within ±1 hour of ours". */
export const clockSkew = hour
/** "replay memory: 2 h 10 min". */
export const replayMemory = 2 * hour + 10 * minute
/** "tombstone of a removed instance: 90 days". */
export const tombstoneLife = 90 * day
/** How long the trail is kept, and how often its head is sealed. */
export const trailMemory = 730 * day
export const trailSealed = hour
/** OK_POLL: "interval seconds, default 300"; "Results kept 7 days". */
export const pollInterval = 5 * minute
export const pollResultLife = 7 * day
/** So soon a synchronization by schedule comes while a product waits for the three-tier certificate, and again while it has not come. */
export const threeTierGather = 30 * minute
/** "No contact for 30 days past the due renewal: failed to connect". */
export const contactGrace = 30 * day

/** When a product should next report its usage, given how its last report was answered. */
export const authorizationRenewsAt = (reportedAt: Date, outOfCompliance: boolean): Date =>
  later(reportedAt, outOfCompliance ? authorizationRetry : authorizationRenewal)

/** When a product's authorization ends if it does not report again. */
export const authorizationEndsAt = (reportedAt: Date): Date => later(reportedAt, authorizationDeadline)

/** What a page says about an instance's contact: "failed to connect" and "failed to renew" of product.md, Product instances. */
export function contactStanding(
  lastReportedAt: Date | undefined,
  registeredAt: Date,
  now: Date,
): 'in touch' | 'failed to connect' | 'failed to renew' {
  const since = lastReportedAt ?? registeredAt
  if (now >= authorizationEndsAt(since)) return 'failed to renew'
  return now >= later(since, authorizationRenewal + contactGrace) ? 'failed to connect' : 'in touch'
}
