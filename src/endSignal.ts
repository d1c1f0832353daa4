/**
 * Waits for the first signal to end; the second ends at once. A parent that is gone is a signal too, in the laboratory and in the device door's
 * processes: nobody else would end them.
 */
export const endSignal = (): Promise<void> =>
  new Promise(resolve => {
    process.once('disconnect', resolve)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve()
      })
    }
  })
