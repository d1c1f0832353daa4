import { setTimeout as wait } from 'node:timers/promises'
import type { Answers } from './answers.ts'
import { exists, type Host, must, put, read } from './host.ts'
import { networkFile, networkText } from './network.ts'

type Say = (sentence: string) => void

const doneFile = '/etc/quartermaster/first-boot-done'
const code = '/opt/quartermaster/current'

export const isFirstBootDone = (host: Host): boolean => exists(host, doneFile)

/** Name and network, before the server starts: its certificate is made for the name. */
export function nameMachine(host: Host, { hostName, network }: Answers, say: Say): void {
  const short = hostName.split('.')[0]!
  const hosts = (read(host, '/etc/hosts') ?? '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n').split('\n')
  const others = hosts.filter(line => line && !line.startsWith('127.0.1.1'))
  put(host, '/etc/hosts', [...others, `127.0.1.1 ${[...new Set([hostName, short])].join(' ')}`, ''].join('\n'), 'root:root', 0o644)
  put(host, '/etc/hostname', `${hostName}\n`, 'root:root', 0o644)
  must(host, 'hostname', [hostName])
  say(`done  This server is called ${hostName}.`)
  if (!network || !exists(host, networkFile)) return
  put(host, networkFile, networkText(network), 'root:root', 0o644)
  if (host.hasServices) must(host, 'networkctl', ['reload'])
  say(`done  Its addresses are ${network.method === 'automatic' ? 'given by DHCP' : network.address}.`)
}

/**
 * The console's password and the first administrator, whose one-time password is shown here and nowhere kept: "no built-in secret of any kind;
 * generated, shown once".
 */
export async function nameAdministrator(host: Host, { consolePassword, administrator }: Answers, say: Say): Promise<void> {
  must(host, 'chpasswd', [], { input: `admin:${consolePassword}\n` })
  say('done  The console has its password: the user is admin.')
  await untilReady(host)
  const { password } = await createAdministrator(host, administrator)
  put(host, doneFile, '', 'root:root', 0o644)
  const address = `https://${read(host, '/etc/hostname')?.trim()}:8443`
  say(`\n  Workspaces   ${address}\n  User         ${administrator}\n  Password     ${password}\n`)
  say('The password is good for one sign-in, and is shown only here. Write it down now.')
}

const server = (host: Host, ...words: string[]) =>
  host.run(`${code}/bin/node`, [`${code}/src/server.ts`, ...words], {
    as: 'quartermaster',
    environment: { QUARTERMASTER_CONFIG: '/etc/quartermaster/settings.env' },
  })

async function createAdministrator(host: Host, username: string): Promise<{ password: string }> {
  const created = server(host, 'administrator', 'create', username, '--json')
  // The one whom a former try made, whose password nobody saw, is given another.
  const { code, said } = created.code === 0 ? created : server(host, 'administrator', 'reset', username, '--json')
  if (code !== 0) throw new Error(`The first administrator could not be made: ${created.said.trim()}`)
  return JSON.parse(said)
}

/** A small machine that is busy makes its database and its keys in minutes, and whoever sits there would be asked everything again. */
const patience = 900_000
const pause = 1000

/** Until the server takes traffic: its database is migrated by then. Where nothing can be started, there is nothing to wait for. */
async function untilReady(host: Host): Promise<void> {
  if (!host.hasServices) return
  const deadline = Date.now() + patience
  for (;;) {
    const { code, said } = server(host, 'health')
    if (code === 0) return
    if (Date.now() > deadline) throw new Error(`The server does not get ready: ${said.trim()} "journalctl -u quartermaster" tells why.`)
    await wait(pause)
  }
}
