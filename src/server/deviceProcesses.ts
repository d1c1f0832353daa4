import { type ChildProcess, fork } from 'node:child_process'
import type { Context } from '../context.ts'
import type { MessageCount } from '../device/counters.ts'
import { second } from '../rules/clock.ts'

/** What a process of the device door is told when it may open: it has loaded its program meanwhile. */
export type DeviceWord = { open: { databaseUrl: string; ports?: DevicePorts | undefined } }
/** What a process of the device door tells the one that started it. */
export type DeviceNews = { ready: DevicePorts } | { failed: string } | { counters: MessageCount[] }
export type DevicePorts = { http: number; https: number }

/** The device door, open in processes of its own. */
export type DeviceProcesses = { ports: DevicePorts; counters(): MessageCount[]; close(): Promise<void> }

/** A process that has its program loaded, or is about to, and opens nothing before it is told to. */
export type Prepared = { open(databaseUrl: string, ports?: DevicePorts): Promise<Running>; abandon(): Promise<void> }

type Running = { child: ChildProcess; ports: DevicePorts; counters: MessageCount[] }

/**
 * A message is garbage a moment after its reply, if the nursery is large enough that it is not swept while the message is under way: what survives
 * is garbage of the old space, and that was swept twice a second from a heap of 24 MB. It starts with room, and a limit has it swept before it takes what
 * the machine has: well above what the bodies, connections and messages that are let in can hold. A process is about a processor's worth of work: the
 * nursery is swept by one thread, and not by four that wait for each other.
 */
const heap = [
  '--min-semi-space-size=16',
  '--max-semi-space-size=16',
  '--initial-old-space-size=96',
  '--max-old-space-size=512',
  '--no-parallel-scavenge',
]
/** Of the C library, which would keep what it freed in one for each of the threads that sign. */
const arenas = '2'

const program = new URL('./deviceProcess.ts', import.meta.url)
/** Between the end of a process and the next start, so that one that cannot live does not take the machine. */
const pause = second
/** What is under way gets so long to end. */
const patience = 15 * second

/**
 * Starts the device door beside the workspaces: a fleet that reports at once must not make a page wait, and the other way round. One that ends
 * by itself is started again; what it had told a product is in the database. Throws the first one's sentence when a port cannot be had. `prepared`: the
 * first process, which finds out the ports.
 */
export async function startDeviceProcesses(context: Context, databaseUrl: string, prepared: Prepared): Promise<DeviceProcesses> {
  const first = await prepared.open(databaseUrl)
  const others = Array.from({ length: context.config.deviceProcesses - 1 }, () => prepareDeviceProcess().open(databaseUrl, first.ports))
  const running = [first, ...(await Promise.all(others))]
  const gone: MessageCount[] = []
  let isClosing = false
  const keep = (place: number) =>
    running[place]!.child.once('exit', async (code, signal) => {
      if (isClosing) return
      gone.push(...running[place]!.counters)
      context.log.error({ code, signal }, 'A process of the device door ended and is started again')
      running[place] = await startAgain(context, databaseUrl, first.ports, () => isClosing)
      if (!isClosing) keep(place)
    })
  running.forEach((_, place) => {
    keep(place)
  })
  return {
    ports: first.ports,
    counters: () => sum([...gone, ...running.flatMap(one => one.counters)]),
    async close() {
      isClosing = true
      await Promise.all(running.map(({ child }) => end(child)))
    },
  }
}

async function startAgain(context: Context, databaseUrl: string, ports: DevicePorts, isClosing: () => boolean): Promise<Running> {
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, pause))
    try {
      const running = await prepareDeviceProcess().open(databaseUrl, ports)
      if (isClosing()) await end(running.child)
      return running
    } catch (error) {
      context.log.error({ err: error }, 'The device door could not be opened again')
      if (isClosing()) throw error
    }
  }
}

/** Starts a process of the device door, which loads its program while whoever starts it does something else, and waits for the word to open. */
export function prepareDeviceProcess(): Prepared {
  // Detached, so that a Ctrl-C of the terminal ends the server alone, and the server ends this.
  const child = fork(program, [], {
    env: { MALLOC_ARENA_MAX: arenas, ...process.env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: heap,
    detached: true,
  })
  const running: Running = { child, ports: { http: 0, https: 0 }, counters: [] }
  const isOpen = new Promise<Running>((resolve, reject) => {
    child.on('message', (news: DeviceNews) => {
      if ('counters' in news) running.counters = news.counters
      else if ('failed' in news) reject(new Error(news.failed))
      else resolve(Object.assign(running, { ports: news.ready }))
    })
    child.once('exit', (code, signal) => reject(new Error(`The device door ended before it was open (${signal ?? `code ${code}`}).`)))
  })
  // One that ends before anybody asked it to open says so then.
  isOpen.catch(() => {})
  return {
    open(databaseUrl, ports) {
      const word: DeviceWord = { open: { databaseUrl, ports } }
      child.send(word, () => undefined)
      return isOpen
    },
    abandon: () => end(child),
  }
}

/** One count for each type, transport and result, whichever process counted it. */
function sum(counts: MessageCount[]): MessageCount[] {
  const groups = Map.groupBy(counts, ({ type, transport, result }) => `${type} ${transport} ${result}`)
  return [...groups.values()].map(group => ({ ...group[0]!, count: group.reduce((total, { count }) => total + count, 0) }))
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise(resolve => {
    const timer = setTimeout(() => child.kill('SIGKILL'), patience)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
