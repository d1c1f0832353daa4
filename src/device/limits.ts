/** What is let in at once, and how often one source or one token may come. `burst` at once, then `perSecond`. */
export type LimitSettings = {
  underWay: number
  registrationsUnderWay: number
  source: Rate
  token: Rate
}
type Rate = { burst: number; perSecond: number }

/**
 * Set so that a server on two cores answers within a second what it lets in, and so that a fleet of thousands behind one address, reporting
 * after an outage, meets no limit but the server's own strength.
 */
export const usualLimits: LimitSettings = {
  underWay: 512,
  registrationsUnderWay: 192,
  source: { burst: 20_000, perSecond: 2_000 },
  token: { burst: 10_000, perSecond: 1_000 },
}

/** Whom a message comes from: its address and, if it is a registration, the token it presents. */
export type Caller = { source: string; isRegistration: boolean; tokenId: string | undefined }

/** Lets messages in, or not: step 11 of wire-device 5.3. */
export type Limits = {
  /** Gives the way out again, to be called once, or undefined: "OK_TRY_AGAIN". */
  enter(caller: Caller): (() => void) | undefined
}

/** Limits that nobody has used yet. They are this server's own: they protect its processor and memory, not a count that somebody relies on. */
export function openLimits(settings: LimitSettings = usualLimits): Limits {
  const [sources, tokens] = [openBuckets(settings.source), openBuckets(settings.token)]
  let [underWay, registrations] = [0, 0]
  return {
    enter({ source, isRegistration, tokenId }) {
      if (underWay >= settings.underWay || (isRegistration && registrations >= settings.registrationsUnderWay)) return undefined
      if (!sources.take(source) || (tokenId !== undefined && !tokens.take(tokenId))) return undefined
      underWay++
      if (isRegistration) registrations++
      return () => {
        underWay--
        if (isRegistration) registrations--
      }
    },
  }
}

/** More names than this are not kept apart: whoever sends from ever new addresses must not fill the memory. */
const mostNames = 10_000

/** A bucket of drops for each name: full at first, a drop a message, filled up again with time. */
function openBuckets({ burst, perSecond }: Rate) {
  const buckets = new Map<string, { drops: number; at: number }>()
  return {
    take(name: string): boolean {
      const now = performance.now()
      const bucket = buckets.get(name) ?? { drops: burst, at: now }
      const drops = Math.min(burst, bucket.drops + ((now - bucket.at) / 1000) * perSecond)
      const goes = drops >= 1
      // The name moves to the end, so that the one not heard of for longest stands first and is the one to go.
      buckets.delete(name)
      buckets.set(name, { drops: goes ? drops - 1 : drops, at: now })
      if (buckets.size > mostNames) buckets.delete(buckets.keys().next().value!)
      return goes
    },
  }
}
