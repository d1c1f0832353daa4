/** Where a registration stands: what its last accepted request and response were. */
export type Chain = { lastSequence: number; lastRequestHash: string; chainHash: string }

/** What a request says of its place in the chain, and what is known of it. */
export type Place = {
  sequence: number
  hash: string
  prevHash: string | null
  isFull: boolean
  createdAt: number
  notAfter: number
  /** Of a courier's file: when the answer that it follows was given. A courier is on the way for days, the network is not. */
  follows?: number | undefined
  /** Whether this very request was accepted before. */
  wasSeen: boolean
  /** The sequence that its token was given with; undefined without a token that is good. */
  tokenSequence: number | undefined
}

/** What to do with a request. */
export type Verdict =
  | { act: 'process' }
  | { act: 'repeat' }
  | { act: 'reject'; code: 'FILE_REPLAYED' }
  | { act: 'ask for full'; code: 'CHAIN_BROKEN' | 'CLOCK_SHIFT'; isStrange: boolean }

const day = 86_400_000

/** The table of 7.4, from its first row to its last. */
export function judge(chain: Chain, place: Place, now: Date): Verdict {
  const { lastSequence } = chain
  if (place.sequence === lastSequence && place.hash === chain.lastRequestHash) return { act: 'repeat' }
  if (place.wasSeen) return { act: 'reject', code: 'FILE_REPLAYED' }
  if (now.getTime() > place.notAfter) return { act: 'ask for full', code: 'CLOCK_SHIFT', isStrange: false }
  // "sync_type=full, resync_token valid and unused, sequence = given last_seq + 1, prev_hash null: accept, new chain". Whoever was told to
  // synchronize because of the clock may do so with that clock.
  const beginsAnew = place.isFull && place.tokenSequence === lastSequence && place.sequence === lastSequence + 1 && place.prevHash === null
  if (beginsAnew) return { act: 'process' }
  if (place.sequence <= lastSequence) return { act: 'ask for full', code: 'CHAIN_BROKEN', isStrange: true }
  if (clocksDiffer(place, now)) return { act: 'ask for full', code: 'CLOCK_SHIFT', isStrange: false }
  const isNext = place.sequence === lastSequence + 1 && place.prevHash === chain.chainHash
  return isNext ? { act: 'process' } : { act: 'ask for full', code: 'CHAIN_BROKEN', isStrange: false }
}

/**
 * "authority time − `created_at` off by > 24 h". By network that is the time at which it comes in. A courier's file is good until its `not_after`,
 * so its age says nothing; what it cannot be is more than a day ahead of us, or more than a day older than the answer that it follows.
 */
function clocksDiffer({ createdAt, follows }: Place, now: Date): boolean {
  const earliest = follows ?? now.getTime()
  return createdAt > now.getTime() + day || createdAt < earliest - day
}
