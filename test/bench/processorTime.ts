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

/** The process that started another. Refuses one that does not run on this machine. */
export function parentOf(pid: number): number {
  const stat = statOf(pid)
  if (!stat) throw new Error('The database does not run on this machine: its processor time cannot be told.')
  return stat.parent
}

/** A process and its children. */
function familyOf(pid: number): { pid: number; stat: Stat }[] {
  const running = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return running.flatMap(one => {
    const stat = statOf(one)
    return stat && (one === pid || stat.parent === pid) ? [{ pid: one, stat }] : []
  })
}

/**
 * Seconds of processor time, user and system, that a process has used so far with its children, those that ended included: PostgreSQL is a process
 * a connection, and the server opens the device door in processes of its own.
 */
export const familySeconds = (pid: number): number =>
  familyOf(pid).reduce((sum, one) => sum + one.stat.own + (one.pid === pid ? one.stat.ofDeadChildren : 0), 0)

/** Seconds of processor time of the programs that this process started and that have ended. */
export const childSeconds = (): number => statOf(process.pid)!.ofDeadChildren

/** Megabytes that a process and its children hold in memory now. The program itself, which they share, counts once. */
export function familyMegabytes(pid: number): number {
  const family = familyOf(pid).map(one => ({ own: megabytes(one.pid, 'RssAnon'), file: megabytes(one.pid, 'RssFile') }))
  return family.reduce((sum, { own }) => sum + own, 0) + Math.max(...family.map(({ file }) => file))
}

/** The most megabytes that any one child of a process ever held: of the server, the process of the device door. */
export const largestChildMegabytes = (pid: number): number =>
  Math.max(0, ...familyOf(pid).map(one => (one.pid === pid ? 0 : megabytes(one.pid, 'VmHWM'))))

const residentMegabytes = (pid: number): number => megabytes(pid, 'VmRSS')

function megabytes(pid: number, what: 'VmRSS' | 'VmHWM' | 'RssAnon' | 'RssFile'): number {
  try {
    const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`${what}:\\s+(\\d+) kB`))
    return Math.round(Number(line?.[1] ?? 0) / 1024)
  } catch {
    // It ended meanwhile.
    return 0
  }
}

/**
 * Megabytes of a process and its children with what they share counted once: PostgreSQL's processes share their buffers. As seen by the owner or
 * root; where that is refused, it is what each holds.
 */
const sharedOnceMegabytes = (pid: number): number => familyOf(pid).reduce((sum, one) => sum + proportionalMegabytes(one.pid), 0)

function proportionalMegabytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+) kB/m)![1]) / 1024
  } catch {
    return residentMegabytes(pid)
  }
}

/** Looks every now and then how much memory server and database have; the function that it gives ends that and tells the most. */
export function watchMemory({ server, postmaster }: { server: { pid: number }; postmaster: number }) {
  let most = { serverMegabytes: 0, databaseMegabytes: 0 }
  const look = () => {
    most = {
      serverMegabytes: Math.max(most.serverMegabytes, familyMegabytes(server.pid)),
      databaseMegabytes: Math.max(most.databaseMegabytes, Math.round(sharedOnceMegabytes(postmaster))),
    }
  }
  // A work that fails does not ask for what it took: that must not keep the process.
  const timer = setInterval(look, 500).unref()
  return () => {
    clearInterval(timer)
    look()
    return most
  }
}
