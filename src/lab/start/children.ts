import { type ChildProcess, fork } from 'node:child_process'
import { createWriteStream } from 'node:fs'

/** A program of the laboratory that runs until it is told to end. */
export type Child<Ready> = { ready: Ready; stop(): Promise<void> }

type Program = {
  name: string
  module: URL
  words: string[]
  environment?: NodeJS.ProcessEnv
  /** Where its output goes; errors are shown as well. */
  log: string
}

/** As a service manager would wait between two starts. */
const pause = 1000
/** Long enough to finish what is under way; then it is ended. */
const patience = 15_000

/**
 * Starts a program, waits until it says that it is ready, and starts it again when it dies by itself, as a service manager would.
 * One that ends before it was ready is a fault, told in its own last words.
 */
export async function startChild<Ready>(program: Program, say: (words: string) => void): Promise<Child<Ready>> {
  let stopping = false
  let running = await launch<Ready>(program)
  const { ready } = running
  const keep = ({ child }: { child: ChildProcess }) =>
    child.once('exit', async (code, signal) => {
      if (stopping) return
      say(`The ${program.name} ended (${signal ?? `code ${code}`}) and is started again.`)
      await new Promise(resolve => setTimeout(resolve, pause))
      if (stopping) return
      try {
        running = await launch<Ready>(program)
        keep(running)
        say(`The ${program.name} is there again.`)
      } catch (error) {
        say(`The ${program.name} could not be started again: ${(error as Error).message}`)
      }
    })
  keep(running)
  return {
    ready,
    stop: () => {
      stopping = true
      return end(running.child)
    },
  }
}

function launch<Ready>({ module, words, environment, log }: Program): Promise<{ child: ChildProcess; ready: Ready }> {
  const child = fork(module, words, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    detached: true,
  })
  const file = createWriteStream(log, { flags: 'a', mode: 0o600 })
  child.stdout!.pipe(file, { end: false })
  child.stderr!.pipe(file, { end: false })
  let lastWords = ''
  child.stderr!.on('data', (piece: Buffer) => {
    lastWords = (lastWords + piece.toString('utf8')).slice(-2000)
  })
  return new Promise((resolve, reject) => {
    child.once('message', message => resolve({ child, ready: (message as { ready: Ready }).ready }))
    child.once('exit', (code, signal) => reject(new Error(lastWords.trim() || `ended with ${signal ?? `code ${code}`}; see ${log}`)))
  })
}

/** Asks a program to end, and waits for it. */
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
