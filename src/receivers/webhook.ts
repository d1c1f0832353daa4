import { lookup as lookUp } from 'node:dns'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { networkInterfaces } from 'node:os'
import { rootCertificates } from 'node:tls'
import { second } from '../rules/clock.ts'
import { withoutBrackets } from '../rules/proxy.ts'
import { Refusal } from '../rules/refusal.ts'
import { isInward } from '../rules/webhooks.ts'

/** How long a receiver may take to answer. */
const patience = 20 * second

/** A webhook that answered, and refused what it got. */
export class RefusedByReceiver extends Refusal {}

/** What a webhook is sent. `inward`: it may be on this machine or its link. */
export type WebhookRequest = {
  url: string
  headers: Record<string, string>
  body: string
  authorities: readonly string[]
  inward: boolean
}

/**
 * Posts one message to a webhook, at the very address that was looked up and found to lie outside; redirections are not followed. Gives its answer in
 * words. Refuses with why it did not get there; what answered and will not take it is a `RefusedByReceiver`.
 */
export async function postWebhook({ url, headers, body, authorities, inward }: WebhookRequest): Promise<string> {
  const target = new URL(url)
  const host = withoutBrackets(target.hostname)
  if (!inward && isIP(host) && isInside(host)) throw insideOf(host)
  const status = await post(target, { headers, body, authorities, lookup: inward ? undefined : lookUpOutside }).catch(error => {
    throw error instanceof Refusal ? error : new Refusal('NOT_DELIVERED', `${target.host} cannot be reached: ${(error as Error).message}.`)
  })
  if (status >= 200 && status < 300) return `Answered ${status}.`
  const sentence = `${target.host} answered ${status}${status >= 300 && status < 400 ? ', which is not followed' : ''}.`
  throw status >= 300 && status < 500 && ![408, 425, 429].includes(status)
    ? new RefusedByReceiver('NOT_DELIVERED', sentence)
    : new Refusal('NOT_DELIVERED', sentence)
}

const insideOf = (host: string) =>
  new Refusal(
    'NOT_DELIVERED',
    `${host} is this machine, its link, or where a cloud keeps secrets: no webhook goes there unless QUARTERMASTER_WEBHOOKS_INWARD is 1.`,
    'url',
  )

/** Whether an address is inward, or one that this machine has in its network: what listens there for itself alone hears us, too. */
function isInside(address: string): boolean {
  const own = new BlockList()
  for (const each of Object.values(networkInterfaces()).flat())
    if (each) own.addAddress(each.address, each.family === 'IPv6' ? 'ipv6' : 'ipv4')
  return isInward(address) || own.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Looks a name up and lets only what lies outside through, so that no name leads inside, not even one that changes between two questions. */
const lookUpOutside: LookupFunction = (host, options, answer) =>
  lookUp(host, { ...options, all: true }, (error, addresses) => {
    if (error) return answer(error, '', 0)
    const outside = addresses.filter(({ address }) => !isInside(address))
    if (outside.length === 0) return answer(insideOf(host), '', 0)
    options.all ? answer(null, outside) : answer(null, outside[0]!.address, outside[0]!.family)
  })

type Sending = Pick<WebhookRequest, 'headers' | 'body' | 'authorities'> & { lookup: LookupFunction | undefined }

function post(target: URL, { headers, body, authorities, lookup }: Sending): Promise<number> {
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'Quartermaster' }
    // One connection a message: an answer that never ends ends with it.
    const options = { method: 'POST', headers: all, agent: false, signal: AbortSignal.timeout(patience), ...(lookup && { lookup }) }
    const request =
      target.protocol === 'https:'
        ? requestHttps(target, {
            ...options,
            ca: [...rootCertificates, ...authorities],
            minVersion: 'TLSv1.2',
            allowPartialTrustChain: true,
          })
        : requestHttp(target, options)
    request.once('error', reject)
    request.once('response', response => {
      resolve(response.statusCode ?? 0)
      response.destroy()
    })
    request.end(body)
  })
}
