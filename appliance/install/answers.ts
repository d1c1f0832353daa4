import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { z } from 'zod'
import { checkPassword, standardPasswords, stigPasswords } from '../../src/rules/passwords.ts'
import type { Profile } from '../actions/action.ts'
import { exists, type Host } from './host.ts'
import { networkFile } from './network.ts'
import { ask, askSecret } from './terminal.ts'

const isHostName = (text: string) => /^(?=.{1,64}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i.test(text)
const isAddressWithPrefix = (text: string) => {
  const [address = '', prefix = ''] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= most
}
const isAddress = (text: string) => isIP(text) !== 0
const isUserName = (text: string) => /^[a-z][a-z\d._-]{0,63}$/i.test(text)

const automatic = z.strictObject({ method: z.literal('automatic') })
const fixed = z.strictObject({
  method: z.literal('fixed'),
  interface: z.string().regex(/^[\w.-]{1,15}$/),
  address: z.string().refine(isAddressWithPrefix, 'an address with its prefix, as 192.0.2.10/24'),
  gateway: z.string().refine(isAddress, 'an address'),
  nameServers: z.array(z.string().refine(isAddress, 'an address')).max(3),
})

const answers = z.strictObject({
  hostName: z.string().refine(isHostName, 'a host name'),
  /** Nothing where whoever runs the machine has set its network up. */
  network: z.discriminatedUnion('method', [automatic, fixed]).optional(),
  consolePassword: z.string(),
  administrator: z.string().refine(isUserName, 'a user name'),
})

/** What only people know. */
export type Answers = z.infer<typeof answers>
export type Network = NonNullable<Answers['network']>

/** Reads the answers where nobody sits at the machine. Refuses a file that others may read, and names what is not an answer. */
export function readAnswers(file: string, profile: Profile): Answers {
  if ((statSync(file).mode & 0o077) !== 0) throw new Error(`${file} holds a password, and others may read it. Say: chmod 600 ${file}`)
  const read = answers.safeParse(JSON.parse(readFileSync(file, 'utf8')))
  const wrong = read.success && passwordFault(read.data.consolePassword, profile)
  if (wrong) throw new Error(`${file} is not taken: consolePassword: ${wrong}`)
  if (read.success) return read.data
  throw new Error(`${file} is not taken: ${read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`)
}

const wants = (is: (text: string) => boolean, sentence: string) => (text: string) => (is(text) ? undefined : sentence)

/** What is wrong with a password for the console, in a sentence. */
function passwordFault(password: string, profile: Profile): string | undefined {
  try {
    checkPassword(password, 'admin', undefined, profile === 'stig' ? stigPasswords : standardPasswords)
  } catch (error) {
    return (error as Error).message
  }
}

/** Asks whoever sits at the machine. Everything is asked before anything is done, so that they may go. */
export async function askOnTerminal(host: Host): Promise<Answers> {
  process.stdout.write(
    `\nQuartermaster ${host.version}, ${host.profile === 'stig' ? 'STIG' : 'Standard'} profile. A few questions; Enter takes what is in brackets.\n\n`,
  )
  const hostName = await ask('Name of this server, as products and people will call it', {
    preset: hostname() === 'localhost' ? '' : hostname(),
    check: wants(isHostName, 'A host name has letters, digits, hyphens and dots, and 64 of them at most.'),
  })
  const network = exists(host, networkFile) ? await askNetwork() : undefined
  const administrator = await ask('User name of the first administrator', {
    preset: 'administrator',
    check: wants(isUserName, 'A user name begins with a letter and has letters, digits, dots and hyphens.'),
  })
  const consolePassword = await askSecret('Password of the console, for the user admin', password => passwordFault(password, host.profile))
  process.stdout.write('\n')
  return { hostName, ...(network && { network }), consolePassword, administrator }
}

async function askNetwork(): Promise<Network> {
  const found = Object.keys(networkInterfaces()).filter(name => name !== 'lo')
  const method = await ask('Addresses: automatic (DHCP) or fixed', {
    preset: 'automatic',
    check: wants(text => ['automatic', 'fixed'].includes(text), 'Say "automatic" or "fixed".'),
  })
  if (method === 'automatic') return { method }
  const name = await ask('Interface', {
    preset: found[0] ?? '',
    check: wants(text => /^[\w.-]{1,15}$/.test(text), `One of: ${found.join(', ')}.`),
  })
  const address = await ask('Address with its prefix, as 192.0.2.10/24', {
    check: wants(isAddressWithPrefix, 'An IPv4 or IPv6 address, a slash, and how many bits of it name the network.'),
  })
  const gateway = await ask('Gateway', { check: wants(isAddress, 'An IPv4 or IPv6 address.') })
  const servers = await ask('Name servers, with commas between them', {
    check: wants(
      text => text === '' || text.split(',').every(each => isAddress(each.trim())),
      'Addresses with commas between them, or nothing.',
    ),
  })
  const nameServers = servers ? servers.split(',').map(each => each.trim()) : []
  return { method: 'fixed', interface: name, address, gateway, nameServers }
}
