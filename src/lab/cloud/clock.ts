import { readFileSync } from 'node:fs'

/** Where this cloud takes the time from. */
export type Clock = { now(): Date }

/** The machine's time, plus the milliseconds in `file` where one is named: "so that a year can pass while you look". */
export const laboratoryClock = (file: string | undefined): Clock => ({
  now: () => new Date(Date.now() + (file ? offsetIn(file) : 0)),
})

/** The number in the file; 0 while there is none, or while somebody is writing it. */
function offsetIn(file: string): number {
  try {
    const milliseconds = Number(readFileSync(file, 'utf8'))
    return Number.isFinite(milliseconds) ? milliseconds : 0
  } catch {
    return 0
  }
}
