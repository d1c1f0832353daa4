import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A real proxy of another maker. `log()` is what it has said so far. */
export type TestProxy = { port: number; log(): string; close(): Promise<void> }

/** Whether Debian's programs for this are here; `prepare.sh` brings them where it may. */
export const hasProxies = ['tinyproxy', 'stunnel4'].every(program => !spawnSync(program, ['-v'], { input: '' }).error)

/** Debian's tinyproxy, with Basic authentication where a user is given; `only` names the one host that it lets people through to. */
export const openTinyproxy = ({ user, only }: { user?: [string, string]; only?: string } = {}): Promise<TestProxy> =>
  start(folder => {
    if (only) writeFileSync(join(folder, 'filter'), `^${only}$\n`)
    return port => [
      'tinyproxy',
      ['-d', '-c', join(folder, 'configuration')],
      [
        `Port ${port}`,
        'Listen 127.0.0.1',
        'LogLevel Connect',
        'MaxClients 20',
        'Timeout 60',
        ...(user ? [`BasicAuth ${user[0]} ${user[1]}`] : []),
        ...(only ? [`Filter "${join(folder, 'filter')}"`, 'FilterExtended On', 'FilterDefaultDeny Yes'] : []),
      ],
    ]
  })

/** Debian's stunnel: TLS in front of a port of this machine, so that a proxy is spoken to over https. */
export const openStunnel = (before: number, { key, certificate }: { key: string; certificate: string }): Promise<TestProxy> =>
  start(folder => {
    writeFileSync(join(folder, 'pair.pem'), `${key}\n${certificate}`, { mode: 0o600 })
    const pair = join(folder, 'pair.pem')
    const lines = (port: number) => [
      'foreground = yes',
      'pid =',
      'syslog = no',
      '[proxy]',
      `accept = 127.0.0.1:${port}`,
      `connect = 127.0.0.1:${before}`,
    ]
    return port => ['stunnel4', [join(folder, 'configuration')], [...lines(port), `cert = ${pair}`]]
  })

type Plan = (port: number) => [program: string, words: string[], configuration: string[]]

async function start(prepare: (folder: string) => Plan): Promise<TestProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-proxy-'))
  const plan = prepare(folder)
  // Neither program takes "any free port": one that was free a moment ago is tried, and another when it is taken meanwhile.
  for (let tries = 0; ; tries++) {
    const port = await freePort()
    const [program, words, configuration] = plan(port)
    writeFileSync(join(folder, 'configuration'), `${configuration.join('\n')}\n`)
    const said: string[] = []
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', data => said.push(String(data)))
    if (await isUp(child, port)) return { port, log: () => said.join(''), close: () => stop(child, folder) }
    if (tries === 3) throw new Error(`${program} did not come up: ${said.join('')}`)
  }
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

async function isUp(child: ChildProcess, port: number): Promise<boolean> {
  while (child.exitCode === null) {
    const answers = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (answers) return child.exitCode === null
    await pause(20)
  }
  return false
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise(resolve => child.once('exit', resolve))
  if (child.exitCode === null && child.kill()) await ended
  rmSync(folder, { recursive: true, force: true })
}
