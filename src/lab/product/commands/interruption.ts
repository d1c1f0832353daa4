const signals = ['SIGINT', 'SIGTERM'] as const

/** Does `deed` with a signal that Ctrl-C and a service manager's end abort; the process is not ended by them meanwhile. */
export async function untilInterrupted<T>(deed: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const abort = () => stop.abort()
  for (const signal of signals) process.on(signal, abort)
  try {
    return await deed(stop.signal)
  } finally {
    for (const signal of signals) process.off(signal, abort)
  }
}
