import { constants, existsSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { makeFolder } from '../../src/folders.ts'
import { run } from '../actions/run.ts'
import { notifyPipe } from '../keepalived/keepalived-config.ts'
import { openDoor } from './door.ts'
import type { Ground } from './ground.ts'
import { freshMemory, type Memory } from './memory.ts'
import { type Look, looks, vipLook } from './observe.ts'
import type { Credentials } from './peer.ts'
import { writeStatus } from './status.ts'
import { note, trackAtStart, turn } from './turn.ts'

export type RunningAgent = { memory: Memory; stop(): Promise<void> }

/** Milliseconds between two turns; what keepalived says through its pipe begins one at once. */
const turnEvery = 200

/**
 * The agent of one node: it looks, turns, answers its peer and says how things stand, until it is stopped. Stopping it changes nothing on the node: what
 * serves goes on, and the next start finds it. `beat` is called as long as it is alive.
 */
export async function startAgent(ground: Ground, credentials: Credentials, beat: () => void = () => {}): Promise<RunningAgent> {
  makeFolder(ground.volatile, 0o755)
  trackAtStart(ground)
  const pipe = await openPipe(notifyPipe(ground.volatile))
  const memory = freshMemory(performance.now())
  const alone = oneAtATime()
  const ending = new AbortController()
  const door = await openDoor(ground, memory, credentials, alone)
  // The first decision is taken on a whole look: whether the database serves, and what the peer says.
  await Promise.all(looks.map(each => attempt(ground, memory, each)))
  const told = { last: '' }
  const wake = wakeUp()
  pipe.on('data', () => {
    void attempt(ground, memory, vipLook).then(wake.now)
  })
  const works = [
    ...looks.map(each => repeat(ending.signal, each.every, () => attempt(ground, memory, each))),
    repeat(ending.signal, turnEvery, () => alone(() => turn(ground, memory, told)), wake),
    repeat(ending.signal, 500, async () => {
      writeStatus(ground, memory)
      beat()
    }),
  ]
  return {
    memory,
    async stop() {
      ending.abort()
      pipe.destroy()
      ground.peer.close()
      door.closeAllConnections()
      await Promise.all([new Promise(resolve => door.close(resolve)), ...works])
    },
  }
}

async function attempt(ground: Ground, memory: Memory, { take }: Look): Promise<void> {
  try {
    await take(ground, memory)
  } catch (error) {
    note(ground, memory, `A look failed: ${(error as Error).message}.`)
  }
}

/** Opened for both directions, so that it does not end when keepalived does. */
async function openPipe(path: string): Promise<Socket> {
  if (!existsSync(path)) await run('/usr/bin/mkfifo', ['-m', '600', path], { signal: new AbortController().signal })
  return new Socket({ fd: openSync(path, constants.O_RDWR | constants.O_NONBLOCK), readable: true, writable: false })
}

/** Work after work, whoever asks for it. */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work)
    last = mine.catch(() => {})
    return mine
  }
}

function wakeUp() {
  let wake = () => {}
  return {
    now: () => wake(),
    next: () =>
      new Promise<void>(resolve => {
        wake = resolve
      }),
  }
}

async function repeat(signal: AbortSignal, every: number, work: () => Promise<void>, wake?: { next(): Promise<void> }): Promise<void> {
  while (!signal.aborted) {
    await work()
    await Promise.race([pause(every, undefined, { signal }).catch(() => {}), ...(wake ? [wake.next()] : [])])
  }
}
