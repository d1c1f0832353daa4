import type { DatabasePlace } from '../postgres/place.ts'
import type { ClaimStore } from './claim.ts'
import type { Pair } from './pair.ts'
import type { PeerClient } from './peer.ts'
import type { Witness } from './witness.ts'

/** Starts and stops what the agent alone may start and stop: units on an appliance, plain processes in the tests. Each is done again without harm. */
export type Services = {
  startDatabase(): Promise<void>
  /** `fast` ships everything to the standby first; `immediate` acknowledges nothing more, and waits for nobody. */
  stopDatabase(how: 'fast' | 'immediate'): Promise<void>
  /** Beside a database that follows it loads everything, opens no door and waits until it may write. */
  startServer(): Promise<void>
  stopServer(): Promise<void>
  /** Whether it ended by itself and is not started again yet: what an operator stops or starts anew did not. */
  hasServerEnded(): Promise<boolean>
}

/** What an agent may touch. It is given, so that the tests run the same agent in a namespace. */
export type Ground = {
  pair: Pair
  place: DatabasePlace
  /** What lasts until the machine is started again: /run/quartermaster-ha. */
  volatile: string
  /** Where a copy of what both owned is kept. */
  quarantine: string
  release: string
  claim: ClaimStore
  services: Services
  peer: PeerClient
  witness: Witness | undefined
  say(sentence: string, more?: object): void
}
