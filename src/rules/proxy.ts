import { BlockList, isIP } from 'node:net'
import { Refusal, refuseUnless } from './refusal.ts'

/** Where a proxy is, and how it is spoken to. */
export type ProxyAddress = { scheme: 'http' | 'https'; host: string; port: number }

/** A proxy on the way to the cloud. `user` is null where it asks nobody who they are; hosts of `without` are reached without it. */
export type ProxySetting = ProxyAddress & { user: string | null; without: string[] }

const example = 'as in http://proxy.example.com:3128'
const mostHosts = 100
const hostName = /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]*[a-z\d_])?(\.[a-z\d_]([a-z\d_-]*[a-z\d_])?)*$/i

/** Reads the address of a proxy: "must name http:// or https://", host and port. Refuses anything else, and says what is wrong with it. */
export function readProxyAddress(text: string): ProxyAddress {
  const [, scheme, rest] = /^([a-z][a-z\d+.-]*):\/\/(.*)$/i.exec(text.trim()) ?? []
  const refuse: (condition: unknown, sentence: string) => asserts condition = (condition, sentence) =>
    refuseUnless(condition, 'INVALID', sentence, 'address')
  refuse(scheme && rest !== undefined, `The address of a proxy begins with http:// or https://, ${example}.`)
  const lower = scheme.toLowerCase()
  refuse(lower === 'http' || lower === 'https', `A proxy is spoken to over http:// or https://, not over ${lower}://.`)
  refuse(!rest.includes('@'), 'Write the user and the password into their own fields, not into the address.')
  const [, given, port] = /^(\[[^\]]*\]|[^:/?#]*)(?::(\d{1,5}))?\/?$/.exec(rest) ?? []
  refuse(given, `After ${lower}:// come the host and the port of the proxy and nothing else, ${example}.`)
  const host = withoutBrackets(given)
  refuse(given.startsWith('[') ? isIP(host) === 6 : isHost(host), `${given} is neither a host name nor an address.`)
  refuse(port && Number(port) >= 1 && Number(port) <= 65_535, `Name the port of the proxy, from 1 to 65535, ${example}.`)
  return { scheme: lower, host, port: Number(port) }
}

/** Whether a text is a host name or an address, as people write it: an IPv6 address without brackets. */
export const isHost = (text: string) => isIP(text) !== 0 || (hostName.test(text) && !/^[\d.]+$/.test(text))

/** The address as people write it. */
export const proxyAddress = ({ scheme, host, port }: ProxyAddress): string => `${scheme}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`

/** A host as URLs write it, without the brackets around an IPv6 address. */
export const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')

/** Refuses a user with a colon, which Basic authentication cannot say, and what no header can carry. */
export function checkProxyUser(user: string): string {
  refuseUnless(!user.includes(':'), 'INVALID', "A proxy's user cannot have a colon in the name.", 'user')
  refuseUnless(!hasControl(user), 'INVALID', 'The user has characters that cannot be sent.', 'user')
  return user
}

/** Refuses a password that Basic authentication cannot say. */
export function checkProxyPassword(password: string): string {
  refuseUnless(!hasControl(password), 'INVALID', 'The password has characters that cannot be sent.', 'password')
  return password
}

const hasControl = (text: string) => /\p{Cc}/u.test(text)

/**
 * Reads the hosts that are reached without the proxy: `example.com` is that host and everything below it, `*.example.com` only what is below it,
 * and an address or a network (`10.0.0.0/8`) what it says. Refuses what is none of these.
 */
export function readWithout(entries: readonly string[]): string[] {
  const given = entries.map(entry => entry.trim().toLowerCase()).filter(Boolean)
  refuseUnless(given.length <= mostHosts, 'INVALID', `At most ${mostHosts} hosts can go without the proxy.`, 'without')
  for (const entry of given) {
    if (isHost(entry.replace(/^\*?\./, '')) || networkOf(entry)) continue
    throw new Refusal('INVALID', `${entry} is no host name, no address and no network such as 10.0.0.0/8.`, 'without')
  }
  return [...new Set(given)]
}

/** Whether a host is reached without the proxy. Names are compared as they are written; nothing is looked up. */
export function goesWithout(host: string, without: readonly string[]): boolean {
  const name = withoutBrackets(host).toLowerCase()
  return without.some(entry => (isIP(name) ? holds(entry, name) : fits(entry, name)))
}

function fits(entry: string, name: string): boolean {
  const below = entry.replace(/^\*?\./, '')
  return name.endsWith(`.${below}`) || (entry === below && name === entry)
}

function holds(entry: string, address: string): boolean {
  const list = networkOf(entry)
  return list?.check(address, familyOf(address)) ?? false
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** What an address or a network holds; undefined where the text is neither. */
function networkOf(entry: string): BlockList | undefined {
  const [, address, length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? []
  const most = isIP(address ?? '') === 6 ? 128 : 32
  if (!address || !isIP(address) || Number(length ?? most) > most) return undefined
  const list = new BlockList()
  list.addSubnet(address, Number(length ?? most), familyOf(address))
  return list
}
