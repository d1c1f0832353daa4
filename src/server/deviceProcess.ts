import { once } from 'node:events'
import { ensureTlsCertificate } from '../administration/ensureTlsCertificate.ts'
import { readConfig } from '../config.ts'
import { openDeviceDoor } from '../device/door.ts'
import { endSignal } from '../endSignal.ts'
import { second } from '../rules/clock.ts'
import type { DeviceNews, DeviceWord } from './deviceProcesses.ts'
import { listening } from './listening.ts'
import { openShelves } from './shelves.ts'

/** How often the counters are told. */
const every = second

/** Tells the server something. One that was killed at this moment hears nothing more: the channel's end is the signal to end, too. */
const tell = (news: DeviceNews) => process.connected && process.send?.(news, undefined, undefined, () => undefined)

/** The word to open, or undefined when the server that would give it ended. */
async function wordToOpen(ended: Promise<void>): Promise<DeviceWord['open'] | undefined> {
  const said = await Promise.race([once(process, 'message'), ended.then(() => [])])
  return (said as [] | [DeviceWord])[0]?.open
}

/** One process of the device door: its own shelves on the same database. Started by the server, opened at its word, and ends with it. */
async function main(): Promise<void> {
  const ended = endSignal()
  const word = await wordToOpen(ended)
  if (word) await open(word, ended)
  if (process.connected) process.disconnect()
}

async function open({ databaseUrl, ports }: DeviceWord['open'], ended: Promise<void>): Promise<void> {
  const config = { ...readConfig(), databaseUrl, ...(ports && { deviceHttpPort: ports.http, deviceHttpsPort: ports.https }) }
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
}

main().catch((error: Error) => {
  tell({ failed: error.message })
  process.exitCode = 1
  if (process.connected) process.disconnect()
})
