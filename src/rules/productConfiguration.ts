import { isIP } from 'node:net'
import { isHost } from './proxy.ts'
import { refuseUnless } from './refusal.ts'

/** The operating systems whose lines are written here, with the transports that their agents register over. */
export const productSystems = [
  {
    id: 'ios-xe',
    name: 'IOS XE',
    transports: ['smart', 'call-home'],
    note: 'For releases whose agent registers with a token, up to 17.3.1.',
  },
  {
    id: 'ios-xr',
    name: 'IOS XR',
    transports: ['smart', 'call-home'],
    note: 'Smart Transport is there from 7.0 on. “commit” ends each part.',
  },
  { id: 'nx-os', name: 'NX-OS', transports: ['call-home'], note: 'For 9.3(3) to 10.1(2), which register over Call Home alone.' },
  { id: 'asa', name: 'ASA', transports: ['smart', 'call-home'], note: 'Smart Transport is there from 9.18 on.' },
] as const
export type ProductSystem = (typeof productSystems)[number]['id']
export type Transport = 'smart' | 'call-home'

/** What a person says of their product's network. Empty texts are what the product decides by itself. */
export type ProductNetwork = {
  system: ProductSystem
  transport: Transport
  /** The server as the product names it. */
  host: string
  vrf: string
  interface: string
  nameServer: string
  /** An address of the server to write into the product, where it has no name server. */
  address: string
  trustpoint: string
}

/** What the server says of itself: where its transports listen, and the root that its certificate leads to, in PEM. */
export type ProductServer = { smartUrl: string; callHomeUrl: string; secure: boolean; root: string | undefined }

/** Lines to copy. `mode` is where they are typed: in configuration, or at the prompt. */
export type ConfigurationPart = { id: string; title: string; mode: 'configuration' | 'prompt'; lines: string[]; note?: string }

const word = /^[\w./:-]{1,64}$/

/** Refuses what cannot stand in a line: words with spaces or signs, a host that is none, a VRF without the interface that an agent leaves it by. */
export function checkProductNetwork(network: ProductNetwork): ProductNetwork {
  const { host, vrf, nameServer, address, trustpoint } = network
  const isWord = (text: string) => text === '' || word.test(text)
  refuseUnless(isHost(host), 'INVALID', 'Give the name or the address by which the product reaches this server.', 'host')
  refuseUnless(isWord(vrf), 'INVALID', 'A VRF has a name without spaces.', 'vrf')
  refuseUnless(isWord(network.interface), 'INVALID', 'Write the interface without spaces, as in GigabitEthernet0.', 'interface')
  refuseUnless(nameServer === '' || isIP(nameServer) !== 0, 'INVALID', 'Give the address of the name server, IPv4 or IPv6.', 'nameServer')
  refuseUnless(address === '' || isIP(address) !== 0, 'INVALID', 'Give the address of this server, IPv4 or IPv6.', 'address')
  refuseUnless(word.test(trustpoint), 'INVALID', 'A trustpoint has a name without spaces.', 'trustpoint')
  const leavesByInterface = network.system === 'ios-xe' && network.transport === 'smart'
  refuseUnless(
    !(vrf && leavesByInterface) || network.interface,
    'INVALID',
    'Give the interface too: over Smart Transport, IOS XE takes the VRF of its HTTP source interface.',
    'interface',
  )
  return network
}

/** The transport that is asked for, or the only one that a system has. */
export const transportOf = (system: ProductSystem, asked: Transport | undefined): Transport => {
  const transports: readonly Transport[] = productSystems.find(({ id }) => id === system)!.transports
  return asked && transports.includes(asked) ? asked : transports[0]!
}

/**
 * "A generator of the CLI lines for each operating system": the name of the server, whom the product trusts, the transport, and the
 * registration, in the order in which they are typed. The token's text is given, or a word that stands for it.
 */
export function configurationOf(network: ProductNetwork, server: ProductServer, token: string): ConfigurationPart[] {
  const lines = dialects[network.system]
  const named = isIP(network.host) === 0 ? lines.name(network) : []
  const trusts = server.secure && server.root !== undefined
  const parts: ConfigurationPart[] = [
    { id: 'name', title: 'How the product finds this server', mode: 'configuration', lines: named },
    { id: 'trust', title: 'Whom it trusts', mode: 'configuration', lines: trusts ? lines.trustpoint(network) : [] },
    {
      id: 'root',
      title: 'The root of this server’s certificate',
      mode: 'prompt',
      lines: trusts ? [lines.authenticate(network), ...server.root!.trim().split('\n'), ...lines.endOfCertificate] : [],
      note: 'Say yes when the product asks whether to accept the certificate.',
    },
    { id: 'transport', title: 'The transport', mode: 'configuration', lines: lines[network.transport](network, server) },
    {
      id: 'registration',
      title: 'The registration',
      mode: 'prompt',
      lines: [`license smart register idtoken ${token}`, 'show license status'],
      note: 'The product appears under Product instances as soon as it has registered.',
    },
  ]
  return parts.filter(part => part.lines.length > 0)
}

type Dialect = {
  name(network: ProductNetwork): string[]
  trustpoint(network: ProductNetwork): string[]
  authenticate(network: ProductNetwork): string
  endOfCertificate: string[]
  smart(network: ProductNetwork, server: ProductServer): string[]
  'call-home'(network: ProductNetwork, server: ProductServer): string[]
}

/** Lines that are there only with a value. */
const some = (value: string, ...lines: string[]) => (value ? lines : [])
const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ip')
const commit = (lines: string[]) => (lines.length > 0 ? [...lines, 'commit'] : [])
const vendorsOwn = 'https://tools.cisco.com/its/service/oddce/services/DDCEService'

const iosXe: Dialect = {
  name: ({ vrf, nameServer, address, host }) => [
    ...some(nameServer, `ip name-server ${vrf && `vrf ${vrf} `}${nameServer}`),
    // Only IPv4 hosts have a table for each VRF.
    ...some(address, family(address) === 'ip' ? `ip host ${vrf && `vrf ${vrf} `}${host} ${address}` : `ipv6 host ${host} ${address}`),
  ],
  trustpoint: ({ trustpoint }) => [`crypto pki trustpoint ${trustpoint}`, ' enrollment terminal', ' revocation-check none'],
  authenticate: ({ trustpoint }) => `crypto pki authenticate ${trustpoint}`,
  endOfCertificate: ['quit'],
  smart: (network, { smartUrl }) => [
    ...some(network.interface, `ip http client source-interface ${network.interface}`),
    'license smart transport smart',
    `license smart url ${smartUrl}`,
  ],
  'call-home': (network, { callHomeUrl }) => [
    ...some(network.interface, `ip http client source-interface ${network.interface}`),
    'license smart transport callhome',
    'service call-home',
    'call-home',
    ...some(network.vrf, ` vrf ${network.vrf}`),
    ...some(isIP(network.address) === 4 ? network.address : '', ' http resolve-hostname ipv4-first'),
    ' contact-email-addr licenses@example.com',
    ' profile CiscoTAC-1',
    '  reporting smart-licensing-data',
    '  destination transport-method http',
    `  no destination address http ${vendorsOwn}`,
    `  destination address http ${callHomeUrl}`,
    '  active',
  ],
}

const iosXr: Dialect = {
  name: ({ vrf, nameServer, address, host }) =>
    commit([
      ...some(nameServer, `domain ${vrf && `vrf ${vrf} `}name-server ${nameServer}`),
      ...some(address, `domain ${vrf && `vrf ${vrf} `}${family(address) === 'ip' ? 'ipv4' : 'ipv6'} host ${host} ${address}`),
    ]),
  trustpoint: ({ trustpoint }) => commit([`crypto ca trustpoint ${trustpoint}`, ' crl optional', ' enrollment url terminal']),
  authenticate: ({ trustpoint }) => `crypto ca authenticate ${trustpoint}`,
  endOfCertificate: [],
  smart: (network, { smartUrl }) =>
    commit([
      ...some(network.vrf, `http client vrf ${network.vrf}`),
      ...some(network.interface, `http client source-interface ${isIP(network.address) === 6 ? 'ipv6' : 'ipv4'} ${network.interface}`),
      'license smart transport smart',
      `license smart url ${smartUrl}`,
    ]),
  'call-home': (network, { callHomeUrl }) =>
    commit([
      'call-home',
      ...some(network.vrf, ` vrf ${network.vrf}`),
      ' service active',
      ' contact smart-licensing',
      ...some(network.interface, ` source-interface ${network.interface}`),
      ' profile CiscoTAC-1',
      '  active',
      '  reporting smart-licensing-data',
      `  no destination address http ${vendorsOwn}`,
      `  destination address http ${callHomeUrl}`,
      '  destination transport-method http',
    ]),
}

const nxOs: Dialect = {
  name: ({ vrf, nameServer, address, host }) => {
    const inVrf = vrf ? [`vrf context ${vrf}`] : []
    const indent = vrf ? ' ' : ''
    const lines = [
      ...some(nameServer, `${indent}ip name-server ${nameServer}`),
      ...some(address, `${indent}${family(address)} host ${host} ${address}`),
    ]
    return lines.length > 0 ? [...inVrf, ...lines] : []
  },
  trustpoint: ({ trustpoint }) => [`crypto ca trustpoint ${trustpoint}`, ' revocation-check none'],
  authenticate: ({ trustpoint }) => `crypto ca authenticate ${trustpoint}`,
  endOfCertificate: ['END OF INPUT'],
  // Its agent registers over Call Home alone: `transportOf` lets nobody come here with another wish.
  smart: (network, server) => nxOs['call-home'](network, server),
  'call-home': (network, { callHomeUrl }) => [
    'license smart enable',
    ...some(network.interface, `ip http source-interface ${network.interface}${network.vrf && ` vrf ${network.vrf}`}`),
    'callhome',
    ' email-contact licenses@example.com',
    ' destination-profile CiscoTAC-1 transport-method http',
    ` destination-profile CiscoTAC-1 index 1 http ${callHomeUrl}`,
    ...some(network.vrf, ` transport http use-vrf ${network.vrf}`),
    ' enable',
  ],
}

const asa: Dialect = {
  name: network => [
    ...some(network.nameServer && network.interface, `dns domain-lookup ${network.interface}`),
    ...some(network.nameServer, 'dns server-group DefaultDNS', ` name-server ${network.nameServer}`),
  ],
  trustpoint: ({ trustpoint }) => [`crypto ca trustpoint ${trustpoint}`, ' enrollment terminal', ' revocation-check none'],
  authenticate: ({ trustpoint }) => `crypto ca authenticate ${trustpoint}`,
  endOfCertificate: ['quit'],
  smart: (_network, { smartUrl }) => ['license smart', ' transport type smart', ` transport url ${smartUrl}`],
  'call-home': (_network, { callHomeUrl }) => [
    'license smart',
    ' transport type callhome',
    'service call-home',
    'call-home',
    ' profile License',
    '  destination transport-method http',
    `  destination address http ${callHomeUrl}`,
  ],
}

const dialects: Record<ProductSystem, Dialect> = { 'ios-xe': iosXe, 'ios-xr': iosXr, 'nx-os': nxOs, asa }
