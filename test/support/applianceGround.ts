import { spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../appliance/actions/run.ts'
import type { Ground } from '../../appliance/upgrade/ground.ts'
import { until } from './until.ts'

/** Where an appliance of a test stands. */
export type Place = { root: string; releases: string; data: string; settings: string }

const pidFileOf = ({ root }: Place) => join(root, 'server.pid')

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    // A killed child that nobody has waited for is dead, too.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Ends the server, as a service manager does: asked first, then made to. */
export async function stopServer(place: Place): Promise<void> {
  if (!existsSync(pidFileOf(place))) return
  const pid = Number(readFileSync(pidFileOf(place), 'utf8'))
  if (pid > 0 && isAlive(pid)) {
    process.kill(-pid, 'SIGTERM')
    await until(() => !isAlive(pid), 20_000).catch(() => process.kill(-pid, 'SIGKILL'))
    await until(() => !isAlive(pid))
  }
  rmSync(pidFileOf(place), { force: true })
}

/** Starts the server of `current` again, in a process that outlives this one, as systemd would. It writes down itself who it is. */
export async function restartServer(place: Place): Promise<void> {
  await stopServer(place)
  const release = realpathSync(join(place.releases, 'current'))
  const log = openSync(join(place.root, 'server.log'), 'a')
  // A run of tests that is killed leaves it behind, and then it ends by itself.
  const script = 'echo $$ >"$1"; exec timeout 1800 "$2" "$3"'
  const words = [pidFileOf(place), join(release, 'bin/node'), join(release, 'src/server.ts')]
  spawn('/bin/sh', ['-c', script, 'server', ...words], {
    cwd: place.root,
    env: { PATH: process.env.PATH, QUARTERMASTER_CONFIG: place.settings },
    stdio: ['ignore', log, log],
    detached: true,
  }).unref()
  await until(() => existsSync(pidFileOf(place)) && Number(readFileSync(pidFileOf(place), 'utf8')) > 0)
}

/** What an upgrade stands on in a test: the same programs, and processes where an appliance has units. */
export function applianceGround(
  place: Place,
  tell: Ground['tell'] = () => {},
): Ground & { waitUntilWell(ask: () => Promise<void>): Promise<void> } {
  const { signal } = new AbortController()
  return {
    releases: place.releases,
    data: place.data,
    environment: { QUARTERMASTER_CONFIG: place.settings },
    restart: () => restartServer(place),
    // There is no user of the service here.
    run: (program, args, options = {}) => run(program, args, { ...options, as: 'root', signal }),
    now: () => new Date(),
    tell,
    patience: { every: 100, times: 2, within: 180_000 },
    waitUntilWell: ask =>
      until(
        () =>
          ask().then(
            () => true,
            () => false,
          ),
        180_000,
      ),
  }
}
