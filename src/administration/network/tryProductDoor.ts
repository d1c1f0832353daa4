import { X509Certificate } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { request } from 'node:http'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { connect } from 'node:tls'
import type { Context } from '../../context.ts'
import { accountStanding, type LocalAccount } from '../../rules/accounts.ts'
import { daysBetween } from '../../rules/clock.ts'
import { counted, dayInWords, listed } from '../../rules/words.ts'
import { findTlsCertificate } from '../../storage/tlsCertificates.ts'

/** What was looked at, what came of it, and a sentence that says what to do where it is not good. */
export type TriedDoor = {
  step: 'account' | 'dns' | 'certificate' | 'https' | 'http' | 'clock'
  outcome: 'passed' | 'warning' | 'failed' | 'skipped'
  sentence: string
}
type Outcome = Omit<TriedDoor, 'step'>

const patience = 3000
/** "Product clocks within ±1 hour of ours": more than this between server and database says that one of them is adrift. */
const driftAtMost = 60_000

const passed = (sentence: string): Outcome => ({ outcome: 'passed', sentence })
const warning = (sentence: string): Outcome => ({ outcome: 'warning', sentence })
const failed = (sentence: string): Outcome => ({ outcome: 'failed', sentence })
const skipped = (sentence: string): Outcome => ({ outcome: 'skipped', sentence })

/**
 * "A pre-flight check of name, DNS, certificate and clock": what this server sees of the way by which a product will come, under the name that
 * the product is configured with. It changes nothing, and opens connections to a name of this server alone: it is no way to look at others.
 */
export async function tryProductDoor(context: Context, account: LocalAccount, host: string): Promise<TriedDoor[]> {
  const now = context.clock.now()
  const record = await findTlsCertificate(context.storage.pages, 'device')
  const certificate = record && new X509Certificate(record.chain)
  const ours = context.config.hostNames.includes(host) || (certificate !== undefined && covers(certificate, host))
  const notOurs = skipped('Not tried: this is not a name of this server.')
  const [dns, https, http, clock] = await Promise.all([
    tryName(host),
    ours ? tryHttps(context, host, record?.root) : notOurs,
    ours ? tryHttp(context, host) : notOurs,
    tryClock(context),
  ])
  return [
    { step: 'account', ...tryAccount(account, now) },
    { step: 'dns', ...dns },
    { step: 'certificate', ...tryCertificate(certificate, host, now) },
    { step: 'https', ...https },
    { step: 'http', ...http },
    { step: 'clock', ...clock },
  ]
}

const covers = (certificate: X509Certificate, host: string): boolean =>
  (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined

function tryAccount(account: LocalAccount, now: Date): Outcome {
  if (account.state !== 'registered') return failed('This account takes no products: it is not registered with the cloud.')
  const standing = accountStanding(account, now)
  if (standing === 'expired')
    return failed('The account has not synchronized for a year, and products are refused. It has to be registered anew.')
  return standing === 'overdue'
    ? warning('The account takes products, but its synchronization is overdue.')
    : passed('The account is registered and takes products.')
}

async function tryName(host: string): Promise<Outcome> {
  if (isIP(host)) return passed(`${host} is an address: nothing has to be looked up.`)
  const found = await lookup(host, { all: true }).catch(() => [])
  if (found.length === 0)
    return failed(`This server finds no address for ${host}. Enter the name in your DNS, or write a host entry into the product.`)
  const addresses = listed(found.map(({ address }) => address))
  const own = Object.values(networkInterfaces()).flatMap(each => each ?? [])
  const isOwn = found.some(({ address }) => own.some(each => each.address === address))
  if (found.every(({ address }) => isLoopback(address)))
    return warning(`${host} leads to ${addresses} here, which no product reaches. Products need a name from your DNS.`)
  return isOwn
    ? passed(`${host} leads to ${addresses}, which is this server.`)
    : warning(`${host} leads to ${addresses}, which is not an address of this machine. That is right behind a translating router alone.`)
}

const isLoopback = (address: string) => address === '::1' || address.startsWith('127.')

function tryCertificate(certificate: X509Certificate | undefined, host: string, now: Date): Outcome {
  if (!certificate) return failed('The HTTPS port for products has no certificate yet. It is made when the server starts.')
  const names = (certificate.subjectAltName ?? '').replaceAll(/(DNS|IP Address):/g, '')
  if (!covers(certificate, host))
    return failed(`The certificate does not cover ${host}, and a product that checks it stays away. It is for ${names}.`)
  const ends = new Date(certificate.validTo)
  const days = daysBetween(now, ends)
  if (days <= 0) return failed(`The certificate ended on ${dayInWords(ends)}.`)
  const words = `The certificate covers ${host} until ${dayInWords(ends)}`
  return days < 30 ? warning(`${words}, for ${counted(days, 'day', 'days')} more.`) : passed(`${words}.`)
}

/** Shakes hands as a product does, and trusts the root that products are given. */
function tryHttps(context: Context, host: string, root: string | undefined): Promise<Outcome> {
  const port = context.config.deviceHttpsPort
  return new Promise(answer => {
    const socket = connect({ host, port, ...(!isIP(host) && { servername: host }), ca: root, timeout: patience })
    const end = (outcome: Outcome) => {
      socket.destroy()
      answer(outcome)
    }
    socket.on('secureConnect', () => end(passed(`Port ${port} answers, and its certificate leads to the root.`)))
    socket.on('timeout', () => end(failed(unanswered(port))))
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end(failed(isNetwork(error) ? unanswered(port) : `Port ${port} answers, but a product would not trust it: ${error.message}.`)),
    )
  })
}

function tryHttp(context: Context, host: string): Promise<Outcome> {
  const port = context.config.deviceHttpPort
  return new Promise(answer => {
    const asked = request({ host, port, path: '/', timeout: patience }, response => {
      response.resume()
      answer(passed(`Port ${port} answers. Only Call Home without HTTPS needs it.`))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => answer(warning(`${unanswered(port)} Only Call Home without HTTPS needs it.`)))
    asked.end()
  })
}

const unanswered = (port: number) =>
  `Nothing answers on port ${port} from here. See whether the server runs, and what a firewall lets through.`
const isNetwork = ({ code }: NodeJS.ErrnoException) => /^(E(CONN|HOST|NET|TIMEDOUT|PIPE|AI_)|ENOTFOUND)/.test(code ?? '')

async function tryClock({ storage, clock }: Context): Promise<Outcome> {
  const { rows } = await storage.pages.raw('select clock_timestamp() as now')
  const apart = Math.abs(clock.now().getTime() - (rows[0].now as Date).getTime())
  const time = `${clock.now().toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return apart > driftAtMost
    ? warning(`It is ${time} here, but the database’s clock shows another time. Set both by NTP.`)
    : passed(`It is ${time} here. The product’s clock may be an hour off: “show clock” tells.`)
}
