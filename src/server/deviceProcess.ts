import { ensureTlsCertificate } from '../administration/ensureTlsCertificate.ts'
import { readConfig } from '../config.ts'
import { openDeviceDoor } from '../device/door.ts'
import { endSignal } from '../endSignal.ts'
import { second } from '../rules/clock.ts'
import type { DeviceNews } from './deviceProcesses.ts'
import { listening } from './listening.ts'
import { openShelves } from './shelves.ts'

/** How often the counters are told. */
const every = second

/** Tells the server something. One that was killed at this moment hears nothing more: the channel's end is the signal to end, too. */
const tell = (news: DeviceNews) => process.connected && process.send?.(news, undefined, undefined, () => undefined)

/** One process of the device door: its own shelves on the same database. Started by the server, and ends with it. */
async function main(): Promise<void> {
  const config = readConfig()
  const ended = endSignal()
  const { context, close } = await openShelves(config)
  try {
    const { key, chain } = await ensureTlsCertificate(context, 'device')
    const [host, reusePort] = [config.listenAddress, config.deviceProcesses > 1]
    const door = await listening('QUARTERMASTER_DEVICE_HTTP_PORT and QUARTERMASTER_DEVICE_HTTPS_PORT', config.deviceHttpPort, () =>
      openDeviceDoor(context, {
        http: { port: config.deviceHttpPort, host, reusePort },
        https: { port: config.deviceHttpsPort, host, reusePort, key, cert: chain },
      }),
    )
    const timer = setInterval(() => tell({ counters: door.counters() }), every)
    tell({ ready: { http: door.httpPort!, https: door.httpsPort! } })
    await ended
    clearInterval(timer)
    await door.close()
    tell({ counters: door.counters() })
  } finally {
    await close()
  }
  if (process.connected) process.disconnect()
}

main().catch((error: Error) => {
  tell({ failed: error.message })
  process.exitCode = 1
  if (process.connected) process.disconnect()
})
