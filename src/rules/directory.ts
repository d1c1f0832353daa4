import { refuseUnless } from './refusal.ts'

/** How the connection is protected: TLS from the first byte, TLS by StartTLS (and nothing without it), or not at all. */
export const directorySecurities = ['ldaps', 'starttls', 'none'] as const

/** Groups in groups: not looked at, looked up level by level, or by the rule of Active Directory that follows them itself. */
export const nestings = ['none', 'recursive', 'in-chain'] as const

/** One server of a directory. */
export type DirectoryServer = { host: string; port: number }

/** How a directory is asked. The password of the bind account is kept apart, sealed. */
export type DirectorySettings = {
  /** In the order in which they are tried. */
  servers: DirectoryServer[]
  security: (typeof directorySecurities)[number]
  /** The account to search with: its distinguished name, or its name with the domain; null searches as nobody. */
  bindName: string | null
  userBase: string
  /** `{username}` stands for what somebody types. */
  userFilter: string
  usernameAttribute: string
  nameAttribute: string
  emailAttribute: string
  groupBase: string
  groupFilter: string
  /** The attribute of a group that names its members: by distinguished name, or by user name where it is memberUid. */
  memberAttribute: string
  nesting: (typeof nestings)[number]
}

const hostShape = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?$|^[0-9a-f:.]+$/i
const attributeShape = /^[a-z][a-z0-9-]{0,63}$/i
const mostServers = 8

/** Reads servers as they are typed: `host` or `host:port` (an IPv6 address in brackets), separated by spaces, commas or lines. */
export function readServers(text: string, security: DirectorySettings['security']): DirectoryServer[] {
  const entries = text.split(/[\s,;]+/).filter(Boolean)
  refuseUnless(
    entries.length >= 1 && entries.length <= mostServers,
    'INVALID',
    `Name 1 to ${mostServers} servers of the directory.`,
    'servers',
  )
  return entries.map(entry => {
    const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/]+))(?::(\d{1,5}))?$/i.exec(entry) ?? []
    const server = { host: (bracketed ?? plain ?? '').toLowerCase(), port: Number(port ?? (security === 'ldaps' ? 636 : 389)) }
    const sentence = `${entry.slice(0, 100)} is no server: give its name and, where it is not the usual one, its port, as in dc1.example.com:636.`
    refuseUnless(hostShape.test(server.host) && server.port >= 1 && server.port <= 65_535, 'INVALID', sentence, 'servers')
    return server
  })
}

/** A server as people write it. */
export const serverName = ({ host, port }: DirectoryServer): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Refuses settings that no directory can be asked with. Whether filters can be read is for whoever speaks LDAP. */
export function checkDirectorySettings(settings: DirectorySettings): DirectorySettings {
  const { security, nesting, bindName, userBase, userFilter, groupBase } = settings
  refuseUnless(directorySecurities.includes(security), 'INVALID', 'Choose LDAPS, StartTLS or none.', 'security')
  refuseUnless(nestings.includes(nesting), 'INVALID', 'Choose how groups in groups are found.', 'nesting')
  refuseUnless(bindName === null || bindName.length <= 1000, 'INVALID', 'Keep the bind account within 1,000 characters.', 'bindName')
  refuseUnless(
    userBase.length > 0 && userBase.length <= 1000,
    'INVALID',
    'Say where people are, as in ou=people,dc=example,dc=com.',
    'userBase',
  )
  refuseUnless(
    groupBase.length > 0 && groupBase.length <= 1000,
    'INVALID',
    'Say where groups are, as in ou=groups,dc=example,dc=com.',
    'groupBase',
  )
  refuseUnless(userFilter.includes('{username}'), 'INVALID', 'The filter of people must have {username} where the name goes.', 'userFilter')
  for (const name of ['usernameAttribute', 'nameAttribute', 'emailAttribute', 'memberAttribute'] as const)
    refuseUnless(attributeShape.test(settings[name]), 'INVALID', 'Give the name of an attribute, such as uid.', name)
  return settings
}

/** What a value has to look like within a filter (RFC 4515): nothing that somebody types ends a comparison or begins another. */
export const escapeFilterValue = (value: string): string =>
  [...Buffer.from(value, 'utf8')]
    .map(byte =>
      /[a-z0-9@._ -]/i.test(String.fromCharCode(byte)) && byte < 128
        ? String.fromCharCode(byte)
        : `\\${byte.toString(16).padStart(2, '0')}`,
    )
    .join('')

/** The filter that finds somebody by the name that they typed. */
export const filterFor = (template: string, username: string): string =>
  template.replaceAll('{username}', () => escapeFilterValue(username))
