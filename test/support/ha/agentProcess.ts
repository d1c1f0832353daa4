import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startAgent } from '../../../appliance/ha/agent.ts'
import { openClaim } from '../../../appliance/ha/claim.ts'
import type { Services } from '../../../appliance/ha/ground.ts'
import { readCredentials } from '../../../appliance/ha/keys.ts'
import { type Pair, pairSettings } from '../../../appliance/ha/pair.ts'
import { openPeer } from '../../../appliance/ha/peer.ts'
import { openWitness } from '../../../appliance/ha/witness.ts'
import { postgresProgram } from '../../../appliance/postgres/ownDatabase.ts'
import type { DatabasePlace } from '../../../appliance/postgres/place.ts'

/** What a node of the tests is made of; the file that this process is given. */
export type NodeFile = {
  pair: Pair
  place: DatabasePlace
  folder: string
  /** The program that serves, with its environment. */
  server: { args: string[]; environment: Record<string, string> }
}

/** A process that has ended and that nobody has asked about yet is none: not every first process of a container asks. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** The number in the first line of a file, if that process runs. */
function runningIn(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
    return isAlive(pid) ? pid : undefined
  } catch {
    return undefined
  }
}

/** The same services as on an appliance, but plain processes: there is no systemd in a namespace. They outlive the agent, as units do. */
export function plainServices({ place, folder, server }: NodeFile): Services {
  const pidFile = join(folder, 'server.pid')
  const pidOfServer = () => runningIn(pidFile)
  const lock = join(place.data, 'postmaster.pid')
  return {
    async startDatabase() {
      if (runningIn(lock)) return
      rmSync(lock, { force: true })
      const settings = `-c config_file=${join(place.settings, 'postgresql.conf')}`
      await postgresProgram(place, 'pg_ctl', [
        'start',
        '-w',
        '-t',
        '60',
        '-D',
        place.data,
        '-o',
        settings,
        '-l',
        join(folder, 'postgres/log'),
      ])
    },
    async stopDatabase(how) {
      if (runningIn(lock)) await postgresProgram(place, 'pg_ctl', ['stop', '-w', '-t', '60', '-D', place.data, '-m', how])
      rmSync(lock, { force: true })
    },
    async hasServerEnded() {
      const pid = pidOfServer()
      if (!pid) return false
      try {
        const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
        return Boolean(child) && readFileSync(`/proc/${child}/comm`, 'utf8').trim() === 'sleep'
      } catch {
        // The pause before the next start ended meanwhile.
        return false
      }
    },
    async startServer() {
      if (pidOfServer()) return
      const log = openSync(join(folder, 'server.log'), 'a')
      // As the unit has it: `Restart=always`, two seconds later.
      const again = 'while :; do "$@"; sleep 2; done'
      const child = spawn('/bin/sh', ['-c', again, 'server', process.execPath, ...server.args], {
        detached: true,
        stdio: ['ignore', log, log],
        env: { ...process.env, ...server.environment },
      })
      closeSync(log)
      writeFileSync(pidFile, `${child.pid}`)
      child.unref()
    },
    async stopServer() {
      const pid = pidOfServer()
      if (!pid) return
      // Its children are of its group.
      process.kill(-pid, 'SIGKILL')
      for (; isAlive(pid); await new Promise(resolve => setTimeout(resolve, 10)));
    },
  }
}

async function main(): Promise<void> {
  const node: NodeFile = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
  const pair = pairSettings.parse(node.pair)
  const credentials = readCredentials(join(node.folder, 'keys'))
  const agent = await startAgent(
    {
      pair,
      place: node.place,
      volatile: join(node.folder, 'run'),
      quarantine: join(node.folder, 'quarantine'),
      release: 'test',
      claim: openClaim(join(node.folder, 'state'), { cluster: pair.cluster, node: pair.node.name }),
      services: plainServices(node),
      peer: openPeer(pair.peer.name, pair.peer.address, pair.agentPort, credentials),
      witness: pair.witness ? openWitness(pair.witness.url, pair.cluster, credentials) : undefined,
      say: (sentence, more) => process.stdout.write(`${new Date().toISOString()} ${sentence} ${JSON.stringify(more ?? {})}\n`),
    },
    credentials,
  )
  process.once('SIGTERM', () => void agent.stop().then(() => process.exit(0)))
}

await main()
