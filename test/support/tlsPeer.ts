import { spawn } from 'node:child_process'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import { type AddressInfo, type Server as AnyServer, connect, createServer as createPlainServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type Credential, openIssuer } from '../../src/pki/issue.ts'
import { privateKeyPem } from '../../src/pki/keys.ts'
import { makeTlsCertificate, makeTlsRoot } from '../../src/pki/tlsCertificate.ts'

/** An authority for TLS that nobody knows, and what it can be asked for. */
export type TestAuthority = {
  root: Credential
  /** Key and certificate of a server of these names, made at that time. */
  certify(names: [string, ...string[]], at?: Date): Promise<{ key: string; certificate: string }>
}

export async function makeTestAuthority(name = 'test', at = new Date()): Promise<TestAuthority> {
  const root = await makeTlsRoot(name, at)
  return {
    root,
    async certify(names, when = new Date()) {
      const leaf = await makeTlsCertificate(openIssuer(root.pem, root.privateKey), names, when)
      return { key: privateKeyPem(leaf.privateKey), certificate: leaf.pem }
    },
  }
}

/** A server on a free port, and its end. */
export type Peer = { port: number; close(): Promise<void> }

/** An HTTPS server that shows a certificate. */
export const openTlsPeer = ({ key, certificate }: { key: string; certificate: string }, answer: RequestListener, port = 0): Promise<Peer> =>
  listen(createServer({ key, cert: certificate }, answer), port)

/** A server that does with each connection what it is told. */
export const openPlainPeer = (answer: (socket: Socket) => void): Promise<Peer> =>
  listen(createPlainServer(socket => answer(socket.on('error', () => {}))))

async function listen(server: AnyServer | Server, port = 0): Promise<Peer> {
  const sockets = new Set<Socket>()
  server.on('connection', socket => sockets.add(socket))
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/**
 * A port on which connections are neither taken nor refused, as behind a firewall: of a process that is held, and whose queue is full. Undefined
 * where the system answers for it all the same.
 */
export async function openDeafPort(keep: (one: { close(): Promise<void> }) => void): Promise<number | undefined> {
  const program =
    "require('node:net').createServer().listen({port:0,host:'127.0.0.1',backlog:1},function(){console.log(this.address().port)})"
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<number>(resolve => child.stdout.once('data', data => resolve(Number(data))))
  child.kill('SIGSTOP')
  const sockets = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  keep({
    async close() {
      for (const socket of sockets) socket.destroy()
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
    },
  })
  await pause(100)
  return sockets.some(socket => socket.connecting) ? port : undefined
}
