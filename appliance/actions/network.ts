import { existsSync, readFileSync, rmSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { putFile } from '../../src/files.ts'
import { makeFolder } from '../../src/folders.ts'
import { refuseUnless } from '../../src/rules/refusal.ts'
import { action, profiles } from './action.ts'
import { isHostName } from './hostNames.ts'
import type { Machine } from './machine.ts'
import { checkNetwork, type NetworkForm, networkForm, networkText } from './networkForm.ts'
import { succeed } from './succeed.ts'

const networkctl = '/usr/bin/networkctl'
const systemctl = '/usr/bin/systemctl'
const takeBackUnit = 'quartermaster-network-takeback'

/**
 * systemd-networkd takes the first file that matches an interface, and files of /run count like those of /etc. So what is on trial stands in /run and
 * comes before what stood: taking it back is taking it away, and a machine that is started again has taken it back by itself.
 */
const trialOf = ({ folders }: Machine) => join(folders.volatile, 'systemd/network/05-quartermaster-trial.network')
const settledOf = ({ folders }: Machine, name: string) => join(folders.host, `systemd/network/07-quartermaster-${name}.network`)

/** systemd-networkd reads as a user of its own, and the helper's umask would shut it out of the folder. */
function put(file: string, text: string): void {
  makeFolder(dirname(file), 0o755)
  putFile(file, text, 0o644)
}

async function reconfigure(machine: Machine, name: string): Promise<void> {
  await succeed(machine, networkctl, ['reload'], 'The network was not read anew')
  await succeed(machine, networkctl, ['reconfigure', '--', name], `The interface ${name} was not set anew`)
}

/** Who else sets up the network is not talked into it: then there is nothing here that counts. */
async function refuseWithoutNetworkd(machine: Machine): Promise<void> {
  const { code } = await machine.run(systemctl, ['is-active', '--quiet', 'systemd-networkd.service'])
  const words = 'The network of this machine is set up by other programs than systemd-networkd, and is left to them.'
  refuseUnless(code === 0, 'CONFLICT', words)
}

/** networkd hands name servers on to systemd-resolved; without that nobody would ever ask them. */
async function refuseWithoutResolved(machine: Machine): Promise<void> {
  const { code } = await machine.run(systemctl, ['is-active', '--quiet', 'systemd-resolved.service'])
  const words = 'The name servers of this machine stand in /etc/resolv.conf, for systemd-resolved does not run. Leave them out here.'
  refuseUnless(code === 0, 'CONFLICT', words, 'nameServers')
}

export const networkManager = action({
  name: 'network_manager',
  subject: 'network',
  sentence: 'Set an interface: addresses, gateways, name servers; taken back by itself unless it is confirmed in time',
  input: networkForm,
  positionals: ['interface', 'method'],
  profiles,
  callers: ['console', 'server'],
  async run(form, machine) {
    checkNetwork(form)
    refuseUnless(
      form.interface in networkInterfaces() || !machine.appliance || (await isLink(machine, form)),
      'NOT_FOUND',
      `There is no interface ${form.interface}.`,
      'interface',
    )
    await refuseWithoutNetworkd(machine)
    if (form.nameServers.length > 0) await refuseWithoutResolved(machine)
    refuseUnless(
      !existsSync(trialOf(machine)),
      'CONFLICT',
      'A change of the network waits to be confirmed. "network_manager confirm" or "network_manager undo" first.',
    )
    // Who takes it back is appointed before anything is cut off, and needs nobody who is connected.
    await succeed(
      machine,
      '/usr/bin/systemd-run',
      [
        '--quiet',
        '--collect',
        `--unit=${takeBackUnit}`,
        `--on-active=${form.within}`,
        // systemd's own accuracy is a minute, in which whoever was cut off would wait twice as long as they were told.
        '--timer-property=AccuracySec=1s',
        '--',
        process.execPath,
        takeBackProgram(machine),
        trialOf(machine),
        form.interface,
      ],
      'Nobody could be appointed to take the change back, and nothing was changed',
    )
    put(trialOf(machine), networkText(form))
    await reconfigure(machine, form.interface)
    return { interface: form.interface, state: 'on trial', takenBackInSeconds: form.within, confirmWith: 'network_manager confirm' }
  },
})

const isLink = async (machine: Machine, { interface: name }: NetworkForm): Promise<boolean> =>
  (await machine.run('/usr/sbin/ip', ['-o', 'link', 'show', 'dev', name])).code === 0

const takeBackProgram = ({ folders }: Machine) => join(folders.code, 'appliance/network/takeBack.ts')

const nothing = z.strictObject({})

/** The change that is on trial, by its interface. Refuses where there is none. */
function trialIn(machine: Machine): { name: string; text: string } {
  const file = trialOf(machine)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const [, name] = /^Name=(.+)$/m.exec(text) ?? []
  refuseUnless(name, 'NOT_FOUND', 'No change of the network waits to be confirmed; it may have been taken back.')
  return { name, text }
}

async function endTrial(machine: Machine): Promise<void> {
  rmSync(trialOf(machine), { force: true })
  await machine.run(systemctl, ['stop', `${takeBackUnit}.timer`])
}

export const confirmNetwork = action({
  name: 'network_manager confirm',
  subject: 'network',
  sentence: 'Keep the change of the network that is on trial',
  input: nothing,
  profiles,
  callers: ['console', 'server'],
  async run(_input, machine) {
    const { name, text } = trialIn(machine)
    put(settledOf(machine, name), text)
    await endTrial(machine)
    await reconfigure(machine, name)
    return { interface: name, state: 'kept' }
  },
})

export const undoNetwork = action({
  name: 'network_manager undo',
  subject: 'network',
  sentence: 'Take the change of the network that is on trial back at once',
  input: nothing,
  profiles,
  callers: ['console', 'server'],
  async run(_input, machine) {
    const { name } = trialIn(machine)
    await endTrial(machine)
    await reconfigure(machine, name)
    return { interface: name, state: 'taken back' }
  },
})

export const showNetwork = action({
  name: 'network_manager show',
  subject: 'network',
  sentence: 'The interfaces with their addresses, the gateways, the name servers, and what is on trial',
  input: nothing,
  profiles,
  callers: ['console', 'server'],
  async run(_input, machine) {
    const [addresses, routes] = await Promise.all([
      succeed(machine, '/usr/sbin/ip', ['-json', 'address', 'show'], 'The addresses cannot be read'),
      succeed(machine, '/usr/sbin/ip', ['-json', 'route', 'show', 'default'], 'The gateways cannot be read'),
    ])
    const links = JSON.parse(addresses || '[]') as {
      ifname: string
      operstate: string
      addr_info: { local: string; prefixlen: number }[]
    }[]
    return {
      interfaces: links.map(({ ifname, operstate, addr_info }) => ({
        interface: ifname,
        state: operstate.toLowerCase(),
        addresses: addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
      })),
      gateways: (JSON.parse(routes || '[]') as { gateway?: string }[]).flatMap(({ gateway }) => gateway ?? []),
      nameServers: nameServersOf(machine),
      onTrial: existsSync(trialOf(machine)) ? trialIn(machine).name : null,
    }
  },
})

/** Those that are asked in the end: with systemd-resolved the machine's own file names that alone, and its own one names them. */
function nameServersOf({ folders }: Machine): string[] {
  const file = [join(folders.volatile, 'systemd/resolve/resolv.conf'), join(folders.host, 'resolv.conf')].find(existsSync)
  if (!file) return []
  return [...readFileSync(file, 'utf8').matchAll(/^nameserver\s+(\S+)/gm)].map(match => match[1]!)
}

export const hostname = action({
  name: 'hostname',
  subject: 'network',
  sentence: 'Name this machine anew; products go on by the name that they were given, which DNS must still lead here',
  input: z.strictObject({
    name: z
      .string()
      .refine(
        text => isHostName(text) && /[a-z]/i.test(text) && text.length <= 64,
        'Give a name of letters, digits and "-", with dots between its parts.',
      )
      .describe('the new name, as license-1.example.com'),
  }),
  positionals: ['name'],
  profiles,
  callers: ['console', 'server'],
  async run({ name }, machine) {
    await succeed(machine, '/usr/bin/hostnamectl', ['set-hostname', '--', name], 'The machine was not named anew')
    const hosts = join(machine.folders.host, 'hosts')
    const own = `127.0.1.1\t${name}${name.includes('.') ? ` ${name.split('.')[0]}` : ''}`
    const others = existsSync(hosts) ? readFileSync(hosts, 'utf8').replace(/^127\.0\.1\.1\s.*\n?/gm, '') : '127.0.0.1\tlocalhost\n'
    put(hosts, `${others.replace(/\n?$/, '\n')}${own}\n`)
    return { name }
  },
})
