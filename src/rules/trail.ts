import { createHash } from 'node:crypto'

/** "who (user, API client, product instance, console)": through which door somebody acts. `nobody` has not said yet who they are. */
export type ActorKind = 'user' | 'api-client' | 'console' | 'server' | 'nobody'

/** One record of the trail, as its text says it. What is not known is left out; secrets are in none of it. */
export type TrailRecord = {
  at: string
  who: string
  actor: ActorKind
  source?: string | undefined
  correlationId?: string | undefined
  kind: string
  message: string
  outcome: 'done' | 'refused'
  localAccountId: number
  localVirtualAccountId?: number | undefined
  productInstanceId?: string | undefined
  before?: unknown
  after?: unknown
}

/** A record where it stands in the chain. */
export type TrailLink = { number: number; record: string; hash: Buffer }

/** A place in the chain: the record of this number, and the hash of all up to it. */
export type TrailPlace = { number: number; hash: Buffer }

/** Where the chain begins. */
export const trailStart: TrailPlace = { number: 0, hash: createHash('sha256').update('Quartermaster trail 1').digest() }

/** "each row chained to the one before by a hash": SHA-256 of the hash before, the number, a line end and the record. The database does the same. */
export const linkHash = (before: Buffer, number: number, record: string): Buffer =>
  createHash('sha256').update(before).update(`${number}\n${record}`).digest()

/** The first place at which a chain does not hold, and what is wrong there. */
export type TrailBreak = { number: number; sentence: string }

/** Follows the chain from `place` over links in the order of their numbers. Gives where that leads, or the first link that does not hold. */
export function followTrail(place: TrailPlace, links: Iterable<TrailLink>): TrailPlace | TrailBreak {
  let here = place
  for (const { number, record, hash } of links) {
    const expected = here.number + 1
    if (number !== expected) return { number: expected, sentence: `Record ${expected} is missing: after ${here.number} comes ${number}.` }
    if (!linkHash(here.hash, number, record).equals(hash))
      return { number, sentence: `Record ${number} was changed, or put in: its hash is not that of what it says.` }
    here = { number, hash }
  }
  return here
}

/** Whether following ended at a link that does not hold. */
export const isBreak = (found: TrailPlace | TrailBreak): found is TrailBreak => 'sentence' in found
