import { ensureTlsCertificate } from '../administration/ensureTlsCertificate.ts'
import { createApi } from '../api/app.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { type DeviceDoor, openDeviceDoor } from '../device/door.ts'
import { startSchedule } from '../schedule/clock.ts'
import { ensureServerIdentity } from '../synchronization/ensureServerIdentity.ts'
import { openWebDoor } from '../web/door.ts'
import { listening } from './listening.ts'
import { openShelves } from './shelves.ts'

/** Where the doors stand, once they are open. */
export type Ports = { https: number; deviceHttp: number; deviceHttps: number }

/** Opens the shelves, the doors and the schedule, and stays until it is told to end. */
export async function serve(config: Config): Promise<void> {
  const { context, close } = await openShelves(config)
  for (const remark of config.remarks) context.log.warn(remark)
  try {
    const doors = await openDoors(context)
    const schedule = startSchedule(context)
    context.log.info(doors.ports, 'Ready')
    // The laboratory starts this program as its child and waits for this.
    process.send?.({ ready: doors.ports })
    await endSignal()
    context.log.info('Closing')
    await doors.close()
    await schedule.stop()
  } finally {
    await close()
  }
}

async function openDoors(context: Context): Promise<{ ports: Ports; close(): Promise<void> }> {
  const { config, storage, secrets, clock } = context
  await ensureServerIdentity(storage.db, secrets, clock.now())
  const host = config.listenAddress
  let products: DeviceDoor | undefined
  const api = createApi(context, { deviceMessages: () => products?.counters() ?? [] })
  const web = await listening('QUARTERMASTER_HTTPS_PORT', config.httpsPort, () =>
    openWebDoor(context, { port: config.httpsPort, host, api }),
  )
  const { key, chain } = await ensureTlsCertificate(context, 'device')
  const device = await listening('QUARTERMASTER_DEVICE_HTTP_PORT and QUARTERMASTER_DEVICE_HTTPS_PORT', config.deviceHttpPort, () =>
    openDeviceDoor(context, {
      http: { port: config.deviceHttpPort, host },
      https: { port: config.deviceHttpsPort, host, key, cert: chain },
    }),
  ).catch(async error => {
    await web.close()
    throw error
  })
  products = device
  return {
    ports: { https: web.port, deviceHttp: device.httpPort!, deviceHttps: device.httpsPort! },
    close: async () => void (await Promise.all([web.close(), device.close()])),
  }
}

/** Waits for the first signal to end; the second ends at once. A laboratory that is gone is a signal too: nobody else would end its parts. */
const endSignal = (): Promise<void> =>
  new Promise(resolve => {
    process.once('disconnect', resolve)
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1))
        resolve()
      })
    }
  })
