import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const run = promisify(execFile)

/** A program beside this one, once it has said that it is ready. */
export type Beside<Ready> = {
  ready: Ready
  pid: number
  /** Sends it a message and gives the next one that comes back. */
  ask(question: string): Promise<unknown>
  stop(): Promise<void>
}

/** Ours alone: a server refuses settings that it does not know. */
const own = { QUARTERMASTER_BENCH_DATA: undefined }

/** Starts a program of this repository beside this one and waits for the message `{ ready }`. */
export async function startBeside<Ready>(module: string, words: string[], environment: NodeJS.ProcessEnv = {}): Promise<Beside<Ready>> {
  const url = new URL(`../../${module}`, import.meta.url)
  const child: ChildProcess = fork(url, words, {
    env: { ...process.env, ...environment, ...own },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  const [message] = await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error(`${module} ended before it was ready.`))),
  ])
  return {
    ready: (message as { ready: Ready }).ready,
    pid: child.pid!,
    async ask(question) {
      const answered = once(child, 'message')
      child.send(question)
      return (await answered)[0]
    },
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Runs a program of this repository to its end; gives what it printed. */
export async function runHere(module: string, words: string[]): Promise<string> {
  const program = fileURLToPath(new URL(`../../${module}`, import.meta.url))
  const { stdout } = await run(process.execPath, [program, ...words], { maxBuffer: 64 << 20 })
  return stdout
}
