import type { KeyPair } from '../../../pki/keys.ts'
import type { Clock } from './clock.ts'
import type { Identity } from './identity.ts'
import type { State } from './state.ts'
import type { Store } from './store.ts'
import type { Carry } from './transport.ts'
import type { Trust } from './trust.ts'

/** What an agent works with. */
export type Gear = {
  store: Store
  carry: Carry
  trust: Trust
  identity: Identity
  clock: Clock
  random: () => number
  makeKey: () => Promise<KeyPair>
  capabilities: readonly string[]
}

/** One deed of an agent: its gear, and the state as it stands, which each change writes before it goes on. */
export type Session = Gear & { readonly state: State; now(): number; change(changes: Partial<State>): Promise<void> }

/** Reads the state and lets `deed` work on it while nobody else does. */
export function inSession<T>(gear: Gear, deed: (session: Session) => Promise<T>): Promise<T> {
  return gear.store.exclusively(async () => {
    let state = await gear.store.read()
    return deed({
      ...gear,
      get state() {
        return state
      },
      now: () => gear.clock.now().getTime(),
      change: async changes => {
        state = { ...state, identity: gear.identity, ...changes }
        await gear.store.write(state)
      },
    })
  })
}
