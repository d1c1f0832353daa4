/** How a message came in. */
export type Transport = 'smart-transport' | 'call-home'

/** How many messages of a type came in by a transport and ended in a result: OK, OK_POLL, a code of 5.7, or how HTTP refused it. */
export type MessageCount = { type: string; transport: Transport; result: string; count: number }

/** Counts messages since the server started. Types and results come from lists of ours, so that nobody outside can make it grow. */
export type Counters = {
  count(type: string, transport: Transport, result: string): void
  /** What was counted so far. */
  snapshot(): MessageCount[]
}

/** Counters that stand at zero. */
export function openCounters(): Counters {
  const counts = new Map<string, MessageCount>()
  return {
    count(type, transport, result) {
      const key = `${type} ${transport} ${result}`
      const entry = counts.get(key) ?? { type, transport, result, count: 0 }
      entry.count++
      counts.set(key, entry)
    },
    snapshot: () => [...counts.values()].map(entry => ({ ...entry })),
  }
}
