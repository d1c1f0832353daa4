import { parseArgs } from 'node:util'
import pino from 'pino'
import { type Caller, profiles } from '../actions/action.ts'
import { applianceFolders, laptopFolders } from '../actions/folders.ts'
import { openJobs } from './jobs.ts'
import { type Door, listen } from './listen.ts'
import { profileIn } from './profile.ts'

const callers: Caller[] = ['console', 'server']
const firstDescriptor = 3

/** The doors that systemd opened for us, by the names that the socket units give them. */
function activatedDoors({ LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES }: NodeJS.ProcessEnv): Door[] {
  if (Number(LISTEN_PID) !== process.pid) return []
  const names = (LISTEN_FDNAMES ?? '').split(':').slice(0, Number(LISTEN_FDS))
  return names.map((name, index) => ({ caller: callerOf(name), at: { fd: firstDescriptor + index } }))
}

function callerOf(name: string): Caller {
  const caller = callers.find(each => each === name)
  if (!caller) throw new Error(`A socket is named "${name}"; the helper knows ${callers.join(' and ')}.`)
  return caller
}

/**
 * The root helper: `main.ts` under systemd, whose sockets it is given; or `main.ts --console PATH --server PATH [--root FOLDER] [--laptop]
 * [--profile standard|stig]` for trials.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      console: { type: 'string' },
      server: { type: 'string' },
      root: { type: 'string' },
      laptop: { type: 'boolean' },
      profile: { type: 'string' },
    },
  })
  const named = callers.flatMap(caller => (values[caller] ? [{ caller, at: { path: values[caller] } }] : []))
  const doors = [...activatedDoors(process.env), ...named]
  if (doors.length === 0) throw new Error('Nobody could ask: give --console or --server a path, or start it through its socket units.')
  const folders = values.laptop ? laptopFolders(values.root) : applianceFolders(values.root)
  const profile = profiles.find(each => each === values.profile) ?? profileIn(folders)
  const log = pino({ base: undefined, timestamp: pino.stdTimeFunctions.isoTime })
  const jobs = openJobs(folders.jobs, () => new Date())
  const { close } = await listen({ profile, folders, jobs, appliance: !values.laptop, log: entry => log.info(entry, 'deed') }, doors)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close().then(() => process.exit(0)))
}

await main()
