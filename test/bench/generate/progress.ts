/** Says what is done. */
export type Told = (words: string) => void

/** Says on standard error what is done and how many seconds after the beginning. */
export function openProgress(): Told {
  const began = performance.now()
  return words => void process.stderr.write(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${words}\n`)
}
