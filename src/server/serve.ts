import { createApi } from '../api/app.ts'
import type { Config } from '../config.ts'
import { endSignal } from '../endSignal.ts'
import { startSchedule } from '../schedule/clock.ts'
import { ensureServerIdentity } from '../synchronization/ensureServerIdentity.ts'
import { resumeExchanges } from '../synchronization/resumeExchanges.ts'
import { openWebDoor } from '../web/door.ts'
import { type Prepared, prepareDeviceProcess, startDeviceProcesses } from './deviceProcesses.ts'
import { listening } from './listening.ts'
import { openLog, openShelves, type Shelves } from './shelves.ts'
import { untilMayWrite } from './untilMayWrite.ts'

/** Where the doors stand, once they are open. */
export type Ports = { https: number; deviceHttp: number; deviceHttps: number }

/**
 * Opens the shelves, the doors and the schedule, and stays until it is told to end. On a standby it has loaded everything and waits, with no door open,
 * until the database takes writes: what it takes to load is not to be waited for when a node takes over.
 */
export async function serve(config: Config): Promise<void> {
  const ended = endSignal()
  const log = openLog(config)
  const device = prepareDeviceProcess()
  try {
    if (await untilMayWrite(config, log, ended)) await serveUntil(ended, await openShelves(config, log), device)
  } finally {
    await device.abandon()
  }
  if (process.connected) process.disconnect()
}

async function serveUntil(ended: Promise<void>, shelves: Shelves, device: Prepared): Promise<void> {
  const { log, config } = shelves.context
  for (const remark of config.remarks) log.warn(remark)
  try {
    const doors = await openDoors(shelves, device)
    const schedule = startSchedule(shelves.context)
    // Nobody waits for what the server before this one left under way with the cloud; what ends with us goes on at the next start.
    resumeExchanges(shelves.context).catch(error => log.warn({ err: error }, 'An exchange with the cloud was left under way'))
    log.info(doors.ports, 'Ready')
    // The laboratory starts this program as its child and waits for this.
    process.send?.({ ready: doors.ports })
    await ended
    log.info('Closing')
    await doors.close()
    await schedule.stop()
  } finally {
    await shelves.close()
  }
}

/** The device door in processes of its own; beside them, here, the workspaces and the API, which tell people the ports that products got. */
async function openDoors({ context, connection }: Shelves, prepared: Prepared): Promise<{ ports: Ports; close(): Promise<void> }> {
  const { config, storage, secrets, clock } = context
  await ensureServerIdentity(storage.db, secrets, clock.now())
  const device = await startDeviceProcesses(context, connection, prepared)
  const told = { ...context, config: { ...config, deviceHttpPort: device.ports.http, deviceHttpsPort: device.ports.https } }
  const api = createApi(told, { deviceMessages: device.counters })
  const web = await listening('QUARTERMASTER_HTTPS_PORT', config.httpsPort, () =>
    openWebDoor(told, { port: config.httpsPort, host: config.listenAddress, api }),
  ).catch(async error => {
    await device.close()
    throw error
  })
  return {
    ports: { https: web.port, deviceHttp: device.ports.http, deviceHttps: device.ports.https },
    close: async () => void (await Promise.all([web.close(), device.close()])),
  }
}
