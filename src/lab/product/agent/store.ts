import type { KeyObject } from 'node:crypto'
import { type KeyPair, publicKeyHash } from '../../../pki/keys.ts'
import { newState, type State } from './state.ts'

/**
 * Where a product keeps what it remembers. A written state is there after a crash, and so is each key it names; `exclusively` keeps two deeds
 * on one store apart, also those of two processes.
 */
export type Store = {
  read(): Promise<State>
  write(state: State): Promise<void>
  /** Keeps a key under a name of its own, which it gives. */
  keepKey(pair: KeyPair): Promise<string>
  key(name: string): Promise<KeyObject>
  exclusively: Exclusively
}

export type Exclusively = <T>(deed: () => Promise<T>) => Promise<T>

/** Lets one deed begin when the one before has ended, however that was, within this process. */
export function inTurns(): Exclusively {
  let last: Promise<unknown> = Promise.resolve()
  return deed => {
    const mine = last.then(deed)
    last = mine.catch(() => undefined)
    return mine
  }
}

/** A store that forgets when the process ends, for products that are simulated by the thousand. */
export function storeInMemory(state: State = newState()): Store {
  const keys = new Map<string, KeyObject>()
  return {
    read: async () => state,
    write: async changed => {
      state = changed
    },
    keepKey: async pair => {
      const name = publicKeyHash(pair.publicKey)
      keys.set(name, pair.privateKey)
      return name
    },
    key: async name => keys.get(name)!,
    exclusively: inTurns(),
  }
}
