/** What was waited for has not come. Its code is the platform's for that. */
const late = () => Object.assign(new Error('It took too long'), { code: 'ETIMEDOUT' })

/**
 * Waits for `work` as long as allowed and then calls `giveUp`, which ends it. "Time-outs at each step": each has its own, so that the step that
 * hangs is the one that is named.
 */
export async function inTime<T>(work: Promise<T>, milliseconds: number, giveUp: () => void = () => {}): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const tooLong = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(late())
      giveUp()
    }, milliseconds)
  })
  try {
    return await Promise.race([work, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
