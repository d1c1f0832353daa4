import { Refusal } from '../rules/refusal.ts'
import type { Peer, Step, WayFault } from './wayFault.ts'

/** What is said of a fault: `whom` is "the cloud at HOST" or "the proxy HOST", `where` the place of its address. */
type Said = { peer: Peer; whom: string; Whom: string; where: string; detail: string }
type Words = { codes: RegExp; sentence(said: Said): string }

const broke: Words = {
  codes: /^(ECONNRESET|EPIPE|ECONNABORTED|ERR_STREAM_PREMATURE_CLOSE)$/,
  sentence: ({ whom }) => `The connection to ${whom} broke off. Try again; if it happens again, look at what stands on the way.`,
}
const late: Words = {
  codes: /^ETIMEDOUT$/,
  sentence: ({ Whom }) => `${Whom} did not answer in time. Check the firewall on the way, and try again later.`,
}

const ofTls: Words[] = [
  {
    codes: /^CERT_HAS_EXPIRED$/,
    sentence: ({ whom }) => `The TLS certificate of ${whom} has expired, or this machine's clock is wrong: here it is ${machineTime()}.`,
  },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    sentence: ({ whom }) =>
      `The TLS certificate of ${whom} is not valid yet, or this machine's clock is wrong: here it is ${machineTime()}.`,
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    sentence: ({ peer, where, detail }) =>
      `The TLS certificate at ${peer.host} was made for another name${detail ? ` (${detail})` : ''}. Check ${where}.`,
  },
  {
    codes: /^(DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|INVALID_|ERR_TLS_CERT)/,
    sentence: ({ whom, peer }) =>
      `The TLS certificate of ${whom} is not trusted here. If ${peer.kind === 'proxy' ? 'the proxy is your own' : `the ${peer.kind} is your own, or a proxy opens the traffic`}, ` +
      'put the certificate of its authority into the trust store (Network, Trust store).',
  },
  broke,
  late,
  {
    codes: /./,
    sentence: ({ peer, where, whom }) =>
      peer.kind === 'proxy'
        ? `What answers at ${whom} does not speak TLS. Check ${where}: is it one for http:// and not for https://?`
        : `What answers at ${peer.host} does not speak TLS as it should. Check ${where}, and its port.`,
  },
]

/** For each step what can become of it, and what to do then. The first that fits counts. */
const words: Record<Step, Words[]> = {
  settings: [{ codes: /./, sentence: ({ detail }) => detail }],
  dns: [
    {
      codes: /^(EAI_AGAIN|ETIMEDOUT)$/,
      sentence: ({ peer }) =>
        `No DNS server answers when asked for ${peer.host}. Check the DNS servers of this machine, and try again later.`,
    },
    {
      codes: /./,
      sentence: ({ peer, where }) =>
        `The name ${peer.host} cannot be found. Check the DNS servers of this machine, and ${where}.` +
        (peer.kind !== 'proxy' ? ' Where only a proxy knows names of the outside, set the proxy.' : ''),
    },
  ],
  tcp: [
    {
      codes: /^ECONNREFUSED$/,
      sentence: ({ Whom, where }) => `${Whom} refuses the connection. Check ${where}, its port, and the firewall.`,
    },
    {
      codes: /^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM)$/,
      sentence: ({ whom, peer }) =>
        `There is no way to ${whom}. Check this machine's network, its gateway and its firewall${peer.kind === 'cloud' ? ', or synchronize by file' : ''}.`,
    },
    broke,
    late,
  ],
  proxy: [
    {
      codes: /^PROXY_ASKS$/,
      sentence: ({ Whom }) => `${Whom} wants to know who asks. Set a user and a password for the proxy.`,
    },
    {
      codes: /^PROXY_DENIES$/,
      sentence: ({ Whom }) => `${Whom} does not accept this user with this password. Enter them again in the settings of the proxy.`,
    },
    {
      codes: /^PROXY_OTHER_SIGN_IN$/,
      sentence: ({ Whom, detail }) =>
        `${Whom} wants a sign-in by ${detail}, and this server knows Basic alone. Ask for Basic, or to be let through without.`,
    },
    {
      codes: /^PROXY_FORBIDS$/,
      sentence: ({ Whom, detail }) => `${Whom} does not let us through to ${detail}. Ask whoever runs the proxy to allow it.`,
    },
    {
      codes: /^PROXY_CANNOT$/,
      sentence: ({ Whom, detail }) =>
        `${Whom} could not reach ${detail}. Check the address of what is to be reached, and the way from the proxy to it.`,
    },
    {
      codes: /^PROXY_REFUSES$/,
      sentence: ({ Whom, detail, where }) =>
        `${Whom} does not open a tunnel to ${detail}. Check ${where}: is it a proxy that knows CONNECT?`,
    },
    {
      codes: /^HPE_/,
      sentence: ({ peer, where }) =>
        `What answers at ${peer.host} is no proxy. Check ${where}: is it one for https:// and not for http://?`,
    },
    ...ofTls,
  ],
  tls: ofTls,
  answer: [
    { codes: /^TOO_LARGE$/, sentence: ({ whom }) => `The answer of ${whom} is larger than is allowed.` },
    {
      codes: /^HPE_/,
      sentence: ({ peer, where }) => `What answers at ${peer.host} does not speak HTTP. Check ${where}, and its port.`,
    },
    broke,
    late,
  ],
}

const machineTime = () => `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`

const addresses: Record<Peer['kind'], string> = {
  cloud: 'the address of the cloud in QUARTERMASTER_CLOUD_URL',
  provider: 'the address of the provider',
  proxy: 'the address in the settings of the proxy',
}

/** Why a step failed, and what to do about it. */
export function sentenceOf({ step, peer, code, detail }: WayFault): string {
  const whom = peer.kind === 'proxy' ? `the proxy ${peer.host}` : `the ${peer.kind} at ${peer.host}`
  const where = addresses[peer.kind]
  const said = { peer, whom, Whom: whom.replace('the', 'The'), where, detail }
  return words[step].find(({ codes }) => codes.test(code))?.sentence(said) ?? `${said.Whom} cannot be reached (${code}). Try again later.`
}

/** The same as a refusal. */
export const unreachable = (fault: WayFault): Refusal => new Refusal('CLOUD_UNREACHABLE', sentenceOf(fault))
