import { appendFileSync, existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type Profile, profiles } from '../appliance/actions/action.ts'
import { applianceFolders, laptopFolders } from '../appliance/actions/folders.ts'
import { handOutCommand } from '../appliance/ha/setup/handedOut.ts'
import { type Helper, helperAt, helperHere } from '../appliance/helper/ask.ts'
import { openJobs } from '../appliance/helper/jobs.ts'
import { makeFolder } from '../src/folders.ts'
import { wordsOf } from './commandLine.ts'
import { openHistory } from './history.ts'
import { noIdleWatch, watchIdle } from './idle.ts'
import { runLinear } from './linear.ts'
import { once } from './once.ts'
import { exitCodes } from './outcome.ts'
import { relay } from './relay.ts'
import { openSession, type Session } from './session.ts'
import { terminalOf } from './terminal.ts'

const applianceSocket = '/run/quartermaster/console.sock'

const usage = `npm run console -- [COMMAND … [--json] [--confirm WORD]]

Without a command it opens the console on the whole screen; with one it does that and ends. "help" is a command.

  --linear           line by line, for screen readers and for terminals without a cursor
  --socket PATH      the helper's socket, where it is not ${applianceSocket}
  --history FILE     where what was typed is remembered, if not in the home of whoever types
  --profile PROFILE  on a laptop: show what this profile has, standard or stig

It ends with 0 done · 1 failed · 2 not understood · 3 refused · 4 not confirmed.
`

type Options = {
  linear: boolean
  socket: string | undefined
  history: string | undefined
  profile: Profile | undefined
  words: string[]
  command: string | undefined
}

/** Our own options stand before the command; what comes after is the command's. */
function readOptions(given: string[]): Options | undefined {
  const options: Options = { linear: false, socket: undefined, history: undefined, profile: undefined, words: [], command: undefined }
  for (let at = 0; at < given.length; at++) {
    const word = given[at]!
    if (word === '--linear') options.linear = true
    else if (word === '--socket') options.socket = given[++at]
    else if (word === '--history') options.history = given[++at]
    else if (word === '--profile') options.profile = profiles.find(each => each === given[at + 1]) ?? undefined
    else if (word === '-c') options.command = given[++at] ?? ''
    else if (word === '--help') return undefined
    else return { ...options, words: given.slice(at) }
    if (word === '--profile') at++
  }
  return options
}

/** What the journal is on an appliance: where a fault's number leads to. */
const laptopLog = (folder: string) => (entry: Record<string, unknown>) => {
  makeFolder(folder)
  appendFileSync(join(folder, 'log'), `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`, { mode: 0o600 })
}

/** On an appliance only its helper will do; a laptop has none, and the console does itself what is possible. */
function helperFor({ socket, profile, history: given }: Options): { helper: Helper; history: string } {
  const path = socket ?? applianceSocket
  const history = given ?? join(userInfo().homedir, '.quartermaster-console-history')
  if (socket || existsSync(applianceFolders().settings)) return { helper: helperAt(path), history }
  const folders = laptopFolders()
  const jobs = openJobs(folders.jobs, () => new Date())
  const helper = helperHere({ profile: profile ?? 'standard', appliance: false, folders, jobs, log: laptopLog(folders.console) })
  return { helper, history: join(folders.console, 'history') }
}

/**
 * The operator's console. As a login shell it is given `-c COMMAND` by sshd: in the Standard profile that command is one of the console's, in the
 * STIG profile there is nothing but the console itself.
 */
async function main(): Promise<number> {
  const ended = new AbortController()
  // The keys for these come as characters; somebody else sending them gets nothing (SIGUSR1 would open Node's debugger), and a line that hangs up is
  // the end.
  for (const signal of ['SIGUSR1', 'SIGTSTP', 'SIGQUIT', 'SIGTTIN', 'SIGTTOU', 'SIGUSR2', 'SIGPIPE'] as const) process.on(signal, () => {})
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGINT'] as const) process.on(signal, () => ended.abort())

  const options = readOptions(process.argv.slice(2))
  if (!options) {
    process.stdout.write(usage)
    return exitCodes.done
  }
  const { helper, history: historyFile } = helperFor(options)
  if (options.command === handOutCommand || options.words[0] === '--pair') return relay(helper)
  const from = /^[\da-fA-F.:]{2,45}/.exec(process.env.SSH_CONNECTION ?? '')?.[0]
  const session = await openSession(helper, from)
  const words = options.command === undefined ? options.words : wordsOf(options.command).words
  if (options.command !== undefined && session.about.profile === 'stig') {
    process.stderr.write('This account has the secure console and nothing else: sign in without a command.\n')
    return exitCodes.refused
  }
  if (words.length > 0) return once(session, words, ended.signal)
  return converse(session, { options, historyFile, ended })
}

async function converse(
  session: Session,
  { options, historyFile, ended }: { options: Options; historyFile: string; ended: AbortController },
): Promise<number> {
  const isTTY = Boolean(process.stdin.isTTY && process.stdout.isTTY)
  const terminal = terminalOf(process.env, { isTTY, linear: options.linear })
  const history = openHistory(historyFile)
  const { touched, stop } = session.about.profile === 'stig' ? watchIdle(() => ended.abort()) : noIdleWatch
  try {
    if (terminal.fullScreen) {
      // From here on keys are characters: one that is struck while the screen is still to be drawn is no signal.
      process.stdin.setRawMode(true)
      // The drawing library looks for colours once, when it is loaded.
      process.env.FORCE_COLOR = terminal.colour ? '2' : '0'
      const { showFullScreen } = await import('./fullScreen.ts')
      const { left, close } = showFullScreen({ session, history, terminal, touched })
      ended.signal.addEventListener('abort', close)
      await left
    } else {
      await runLinear({ session, history, touched, input: process.stdin, output: process.stdout, ended: ended.signal })
    }
  } finally {
    stop()
  }
  return exitCodes.done
}

// Whatever is still open belongs to nobody now.
process.exit(await main())
