import { readFile } from 'node:fs/promises'
import { run } from '../actions/run.ts'
import type { Services } from './ground.ts'

const systemctl = '/usr/bin/systemctl'
const database = 'postgresql@15-quartermaster.service'
const server = 'quartermaster.service'

/** Where the kernel lists what runs of a unit. A file is read twice in a second without being felt; a program is not started so often. */
const processes = `/sys/fs/cgroup/system.slice/${server}/cgroup.procs`

/** What systemd says of a unit that failed and that it starts again in a moment, and of no other. */
async function waitsForRestart(): Promise<boolean> {
  const { out } = await run(systemctl, ['show', '--property=SubState', '--value', server], { signal: new AbortController().signal })
  return out.trim() === 'auto-restart'
}

async function ask(...words: string[]): Promise<void> {
  const { code, err } = await run(systemctl, words, { signal: new AbortController().signal, timeout: 180_000 })
  if (code !== 0) throw new Error(`systemctl ${words.join(' ')} failed: ${err.trim()}`)
}

/** The units of an appliance. Debian's unit stops PostgreSQL in its fast way; at once, it is told by the signal for that, and the unit follows. */
export const systemdServices: Services = {
  startDatabase: () => ask('start', database),
  async stopDatabase(how) {
    // A unit that does not run has nobody to tell.
    if (how === 'immediate') await ask('kill', '--kill-whom=main', '--signal=SIGQUIT', database).catch(() => {})
    await ask('stop', database)
  },
  startServer: () => ask('start', server),
  stopServer: () => ask('stop', server),
  async hasServerEnded() {
    const runs = await readFile(processes, 'utf8').catch(() => '')
    return runs === '' && (await waitsForRestart())
  },
}
