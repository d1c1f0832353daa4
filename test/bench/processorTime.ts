import { readdirSync, readFileSync } from 'node:fs'

/** The kernel counts in hundredths of a second (USER_HZ is 100 on every Linux). */
const tick = 0.01

type Stat = { parent: number; own: number; ofDeadChildren: number }

function statOf(pid: number): Stat | undefined {
  try {
    // The name in parentheses may hold anything, so the fields are counted from behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').map(Number)
    return { parent: fields[1]!, own: (fields[11]! + fields[12]!) * tick, ofDeadChildren: (fields[13]! + fields[14]!) * tick }
  } catch {
    return undefined
  }
}

/** Seconds of processor time that a process has used so far, user and system. */
export const processorSeconds = (pid: number): number => statOf(pid)?.own ?? 0

/** The same for a process with its children, those that ended included: PostgreSQL is a process a connection. */
export function familySeconds(pid: number): number {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  const children = pids.map(statOf).filter(stat => stat?.parent === pid)
  const head = statOf(pid)
  return (head?.own ?? 0) + (head?.ofDeadChildren ?? 0) + children.reduce((sum, stat) => sum + stat!.own, 0)
}

/** Megabytes that a process holds in memory now. */
export function residentMegabytes(pid: number): number {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/)
  return Math.round(Number(line?.[1] ?? 0) / 1024)
}
