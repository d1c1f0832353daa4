import type { Tally } from './tally.ts'

const everyOnTerminal = 500
const everyElsewhere = 5000
const width = 20

/**
 * A line that says how far a phase is, redrawn in place on a terminal and repeated every five seconds elsewhere. `share` is in 0 to 1. Gives
 * what ends it.
 */
export function showProgress(label: string, tally: Tally, share: () => number): () => void {
  const isTerminal = process.stderr.isTTY === true
  let before = { at: performance.now(), done: tally.done() }
  const draw = () => {
    const now = { at: performance.now(), done: tally.done() }
    const rate = ((now.done - before.done) * 1000) / Math.max(1, now.at - before.at)
    before = now
    process.stderr.write(`${isTerminal ? '\r\x1b[K' : ''}${lineOf(label, tally, share(), rate)}${isTerminal ? '' : '\n'}`)
  }
  const timer = setInterval(draw, isTerminal ? everyOnTerminal : everyElsewhere)
  return () => {
    clearInterval(timer)
    if (isTerminal) process.stderr.write('\r\x1b[K')
  }
}

function lineOf(label: string, tally: Tally, share: number, rate: number): string {
  const filled = Math.round(Math.min(1, share) * width)
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`
  return `${bar} ${label}: ${tally.done()} done, ${rate.toFixed(0)}/s, ${tally.busy()} told to wait, ${tally.unhappy()} refused or failed`
}
