import { minute } from '../rules/clock.ts'

type Opened<Value> = { value: Promise<Value | undefined>; until: number }

/**
 * Asks `load` once a minute at most for each key, however many ask at once. What is not there, or fails to load, is asked for again the next time.
 * `forget` counts against what is still loading, too: it may have read what was there before.
 */
export function keepOpen<Key, Value>(load: (key: Key) => Promise<Value | undefined>) {
  const opened = new Map<Key, Opened<Value>>()
  const forget = (key: Key) => {
    opened.delete(key)
  }

  function start(key: Key) {
    const entry = { value: load(key), until: performance.now() + minute }
    const drop = () => {
      if (opened.get(key) === entry) forget(key)
    }
    entry.value.then(value => value === undefined && drop(), drop)
    opened.set(key, entry)
    return entry.value
  }

  function get(key: Key): Promise<Value | undefined> {
    const entry = opened.get(key)
    return entry && performance.now() < entry.until ? entry.value : start(key)
  }

  return { get, forget }
}
