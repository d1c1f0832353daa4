import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ensureTlsCertificate } from '../administration/ensureTlsCertificate.ts'
import type { Context } from '../context.ts'
import { tlsPolicy } from '../pki/tlsPolicy.ts'
import { createWebApp, type WebOptions } from './app.ts'
import { endSlowBodies } from './slowBodies.ts'

/** An open door. `port` is the one it got, where any free one was asked for. */
export type Door = { port: number; close(): Promise<void> }

/** Opens the workspaces over HTTPS. */
export async function openWebDoor(context: Context, options: WebOptions & { port: number; host: string }): Promise<Door> {
  const { key, chain } = await ensureTlsCertificate(context, 'browser')
  const server = createServer({ key, cert: chain, ...tlsPolicy }, createWebApp(context, options))
  server.headersTimeout = 20_000
  server.requestTimeout = 0
  const stopLooking = endSlowBodies(server)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, options.host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>(resolve => {
        stopLooking()
        server.close(() => resolve())
        server.closeIdleConnections()
        // Somebody in the middle of an answer gets a moment for the rest of it.
        setTimeout(() => server.closeAllConnections(), 2000).unref()
      }),
  }
}
