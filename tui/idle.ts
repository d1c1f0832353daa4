/** "10 minutes idle": nobody sits there any more. */
const longest = 600_000

/** Ends the console of whoever has gone. */
export type IdleWatch = {
  /** Somebody is there: the time begins anew. */
  touched(): void
  stop(): void
}

/** Calls `leave` ten minutes after the last sign of a person. */
export function watchIdle(leave: () => void): IdleWatch {
  let timer = setTimeout(leave, longest)
  return {
    touched() {
      clearTimeout(timer)
      timer = setTimeout(leave, longest)
    },
    stop: () => clearTimeout(timer),
  }
}

/** Where a console may stand open, as in the Standard profile. */
export const noIdleWatch: IdleWatch = { touched() {}, stop() {} }
