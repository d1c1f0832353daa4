import type { Json, Profile } from './action.ts'
import type { JobRecord } from './jobRecord.ts'

/** Where things stand on the machine (`appliance.md`, *Layout*). Tests and laptops have them elsewhere. */
export type Folders = {
  /** Settings, server key: /etc/quartermaster. */
  settings: string
  /** What is kept: /var/lib/quartermaster. */
  data: string
  /** Releases, and `current`: /opt/quartermaster. */
  releases: string
  /** The release that this program is of: its `src/server.ts` and the others are what `serve` and `backup` start. */
  code: string
  backups: string
  patches: string
  jobs: string
  /** The console's own: its key for SFTP, the hosts it has seen. */
  console: string
  /** What the host is set by: /etc; and what lasts until it is started again: /run. */
  host: string
  volatile: string
  /** Public keys that may sign in as the console's user, a file a user, which sshd reads and root alone writes. */
  authorizedKeys: string
}

/** What a long deed is at: words, and how much of how much where that can be told; or a line of something that is followed. */
export type Progress = { step: string; done?: number; of?: number } | { line: string }

export type RunOptions = {
  /** For standard input, which is where secrets go. */
  input?: string
  /** Milliseconds, after which it is ended; a minute unless told. */
  timeout?: number
  /** Told each line as it comes; of both outputs. */
  onLine?(line: string, from: 'out' | 'err'): void
  /** As whom: root, or the service's own user, who owns the data and signs in to the database. */
  as?: 'root' | 'service'
  /** Beside the few names that every program gets. */
  environment?: Record<string, string>
  folder?: string
}

/** How a program ended. Output beyond a megabyte is cut. */
export type Ran = { code: number; out: string; err: string }

/** What an action may touch. It is given, so that tests give another. */
export type Machine = {
  profile: Profile
  folders: Folders
  /** Whether there is an appliance beneath, or a laptop. */
  appliance: boolean
  now(): Date
  tell(progress: Progress): void
  /** What was started as a job, for whoever asked: an action that shows or attaches to one. */
  jobs: { list(): JobRecord[]; attach(id: string): Promise<Json> }
  /** Ends when whoever asked is gone, unless the action is a job. */
  signal: AbortSignal
  /** The only way to start a process: an absolute program, arguments as an array, a clean environment; never a shell. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Ran>
}
