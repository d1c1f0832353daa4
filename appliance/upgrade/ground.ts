import type { Progress, Ran, RunOptions } from '../actions/machine.ts'

/** What an upgrade stands on. It is given, so that tests give another. */
export type Ground = {
  /** Releases, `current`, and the journal: /opt/quartermaster, where only root writes. */
  releases: string
  /** What the server keeps, and its user's: /var/lib/quartermaster. */
  data: string
  /** What the server's programs are told: their settings. */
  environment: Record<string, string>
  /** Starts the services of `current` again, and comes back when they were started; throws where they cannot be. */
  restart(): Promise<void>
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Ran>
  now(): Date
  tell(progress: Progress): void
  /** How often, and how many times in a row, a server has to say that it is well; and how long it has until then. */
  patience: { every: number; times: number; within: number }
}
