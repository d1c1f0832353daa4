import { readFileSync } from 'node:fs'
import pino from 'pino'
import { serverVersion } from '../../src/release.ts'
import { applianceFolders } from '../actions/folders.ts'
import { run } from '../actions/run.ts'
import { appliancePlace } from '../postgres/place.ts'
import { startAgent } from './agent.ts'
import { openClaim } from './claim.ts'
import { readCredentials } from './keys.ts'
import { pairSettings } from './pair.ts'
import { openPeer } from './peer.ts'
import { pairPlaces } from './places.ts'
import { systemdServices } from './systemdServices.ts'
import { openWitness } from './witness.ts'

/** The agent as a service: `quartermaster-ha.service` starts it where there is a pair, and ends it when it does not say any more that it is alive. */
async function main(): Promise<void> {
  const places = pairPlaces(applianceFolders())
  const pair = pairSettings.parse(JSON.parse(readFileSync(places.settings, 'utf8')))
  const credentials = readCredentials(places.keys)
  const log = pino({ base: undefined, timestamp: pino.stdTimeFunctions.isoTime })
  const agent = await startAgent(
    {
      pair,
      place: appliancePlace,
      volatile: places.volatile,
      quarantine: `${places.state}/quarantine`,
      release: serverVersion,
      claim: openClaim(places.state, { cluster: pair.cluster, node: pair.node.name }),
      services: systemdServices,
      peer: openPeer(pair.peer.name, pair.peer.address, pair.agentPort, credentials),
      witness: pair.witness ? openWitness(pair.witness.url, pair.cluster, credentials) : undefined,
      say: (sentence, more = {}) => log.info(more, sentence),
    },
    credentials,
    beat,
  )
  await notify('READY=1')
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void agent.stop().then(() => process.exit(0)))
}

/** Node opens no datagram socket of the unix kind, so systemd's own program says it. */
const notify = async (words: string) => {
  if (process.env.NOTIFY_SOCKET)
    await run('/usr/bin/systemd-notify', [words], {
      signal: new AbortController().signal,
      environment: { NOTIFY_SOCKET: process.env.NOTIFY_SOCKET },
    })
}

let beats = 0
/** Half a second apart; systemd wants one in each five. */
function beat(): void {
  if (beats++ % 4 === 0) notify('WATCHDOG=1').catch(() => {})
}

await main()
