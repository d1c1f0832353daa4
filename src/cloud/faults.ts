import { Refusal } from '../rules/refusal.ts'
import type { HttpFault } from './http.ts'

type Advice = { codes: RegExp; sentence(host: string): string }

const advice: Advice[] = [
  {
    codes: /^(ENOTFOUND|EAI_AGAIN|EAI_FAIL|EAI_NODATA)$/,
    sentence: host =>
      `The name ${host} cannot be found. Check the DNS servers of this machine, and the address of the cloud in QUARTERMASTER_CLOUD_URL.`,
  },
  {
    codes: /^ECONNREFUSED$/,
    sentence: host =>
      `The cloud at ${host} refuses the connection. Check its address and port in QUARTERMASTER_CLOUD_URL, and the firewall.`,
  },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL)$/,
    sentence: host => `There is no way to the cloud at ${host}. Check this machine's network and its gateway, or synchronize by file.`,
  },
  {
    codes: /^(ETIMEDOUT|ESOCKETTIMEDOUT)$/,
    sentence: host => `The cloud at ${host} did not answer in time. Check the firewall on the way, and try again later.`,
  },
  {
    codes: /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/,
    sentence: host => `The connection to the cloud at ${host} broke off. Try again; if it happens again, look at what stands on the way.`,
  },
  {
    codes: /^CERT_HAS_EXPIRED$/,
    sentence: host => `The TLS certificate of the cloud at ${host} has expired, or this machine's clock is wrong.`,
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    sentence: host =>
      `The TLS certificate at ${host} was made for another name. Check the address of the cloud in QUARTERMASTER_CLOUD_URL.`,
  },
  {
    codes: /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|ERR_TLS|INVALID_CA)/,
    sentence: host =>
      `The TLS certificate of the cloud at ${host} is not trusted here. If the cloud is private, or a proxy opens the traffic, put the ` +
      `certificate of its authority into the file that QUARTERMASTER_CLOUD_CA names.`,
  },
  {
    codes: /^(EPROTO|ERR_SSL)/,
    sentence: host => `What answers at ${host} does not speak TLS as it should. Check the address and port of the cloud.`,
  },
  {
    codes: /^TOO_LARGE$/,
    sentence: host => `The answer of the cloud at ${host} is larger than is allowed.`,
  },
]

/** Why no answer came, and what to do about it, in one sentence. */
export function unreachable(host: string, fault: HttpFault): Refusal {
  const known = advice.find(({ codes }) => codes.test(fault.code))
  return new Refusal(
    'CLOUD_UNREACHABLE',
    known?.sentence(host) ?? `The cloud at ${host} cannot be reached (${fault.code}). Try again later.`,
  )
}
