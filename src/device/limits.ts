import { openBuckets, type Rate } from './buckets.ts'
import { openCapacity } from './capacity.ts'
import { openShares, type Shares } from './shares.ts'

/** How many messages are let in at once, and how often one source or one token may come. */
export type LimitSettings = {
  /** From their first step to their reply, at most, and before it is known what the machine can do. */
  present: number
  presentAtFirst: number
  /** Of registered products, in steps 12 and 13. */
  underWay: number
  registrationsUnderWay: number
  source: Rate
  token: Rate
}

/**
 * Set so that a server on two cores answers within a second what it lets in, and so that a fleet of thousands behind one address, reporting
 * after an outage, meets no limit but the server's own strength.
 */
export const usualLimits: LimitSettings = {
  present: 512,
  presentAtFirst: 128,
  underWay: 512,
  registrationsUnderWay: 256,
  source: { burst: 20_000, perSecond: 2_000 },
  token: { burst: 10_000, perSecond: 1_000 },
}

/** One source alone gets three quarters of the places, one account alone four fifths: of an account that is under attack from one address, something is left for the others. */
const generosity = { source: 3, account: 4 }

/** Whom a message comes from: its source, its account where it has proved one, and, if it is a registration, the token it presents. */
export type Caller = { source: string; account: number | undefined; isRegistration: boolean; tokenId: string | undefined }

/** Gives a place back, to be called once. */
export type Leave = () => void

/** Lets messages in, or not: undefined is "OK_TRY_AGAIN". */
export type Limits = {
  /** Before anybody knows who sends, to be held until the reply is there. */
  arrive(source: string): Leave | undefined
  /** When it is proved: step 11 of wire-device 5.3. */
  enter(caller: Caller): Leave | undefined
}

/** Limits that nobody has used yet. They are this server's own: they protect its processor and memory, not a count that somebody relies on. */
export function openLimits(settings: LimitSettings = usualLimits): Limits {
  const capacity = openCapacity({ most: settings.present, first: settings.presentAtFirst })
  const arrivals = openShares(Math.min(settings.present, settings.presentAtFirst), generosity.source)
  const [sources, tokens] = [openBuckets(settings.source), openBuckets(settings.token)]
  const [reports, registrations] = [openPlaces(settings.underWay), openPlaces(settings.registrationsUnderWay)]
  return {
    arrive(source) {
      const hasPlace = arrivals.take(source)
      const places = capacity.came(hasPlace)
      arrivals.resize(places)
      reports.resize(Math.min(settings.underWay, places))
      registrations.resize(Math.min(settings.registrationsUnderWay, places))
      if (!hasPlace) return undefined
      return () => {
        arrivals.give(source)
        capacity.left()
      }
    },
    enter(caller) {
      const { source, isRegistration, tokenId } = caller
      const leave = (isRegistration ? registrations : reports).take(caller)
      if (!leave) return undefined
      if (sources.take(source) && (tokenId === undefined || tokens.take(tokenId))) return leave
      leave()
      return undefined
    },
  }
}

/** Places that are shared between sources, and between accounts. All who have proved none count as one account. */
function openPlaces(most: number) {
  const [bySource, byAccount]: Shares[] = [openShares(most, generosity.source), openShares(most, generosity.account)]
  return {
    take({ source, account }: Caller): Leave | undefined {
      const name = String(account)
      if (!bySource!.take(source)) return undefined
      if (byAccount!.take(name)) {
        return () => {
          bySource!.give(source)
          byAccount!.give(name)
        }
      }
      bySource!.give(source)
      return undefined
    },
    resize(most: number): void {
      bySource!.resize(most)
      byAccount!.resize(most)
    },
  }
}
