import { readFileSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { paths } from '../../src/web/paths.ts'
import { type Surroundings, TestProduct } from '../support/product.ts'
import { administratorAt } from './administrator.ts'
import { openCrowd, type Passage } from './crowd.ts'
import type { Place } from './place.ts'

/** The place as its products see it. */
export const surroundingsOf = ({ server, deviceRoot, licensingRoot }: Place): Surroundings => ({
  httpPort: server.ready.deviceHttp,
  httpsPort: server.ready.deviceHttps,
  tlsRoot: readFileSync(deviceRoot, 'utf8'),
  licensingRoot: readFileSync(licensingRoot, 'utf8'),
  now: () => new Date(),
})

let made = 0
/** Every run has products of its own: the last one's are still registered. */
export const newProduct = (around: Surroundings) =>
  new TestProduct(around, { sudi: { udi_pid: 'EX-R1000', udi_serial_number: `STORM-${Date.now()}-${made++}` } })

type Numbers = { products: number; seconds: number; times: number }

/** What the server did by itself, what it did with so many times as much, and what happened beside that: to another address, and to a page. */
export type Overloaded = { perSecond: number; offered: number; calm: Passage[]; stormy: Passage[]; reports: Passage[]; pages: Passage[] }

const connections = 2000
const most = 30_000

/**
 * Reports on kept connections, first as many as the server can do, then so many times as many, whether answered or not. The second lot is signed
 * beforehand: signing while it is sent would make this process the bottleneck.
 */
export async function overloaded(place: Place, around: Surroundings, { products: count, seconds, times }: Numbers): Promise<Overloaded> {
  const products: TestProduct[] = []
  for (let index = 0; index < count; index++) products.push(await newProduct(around).settle(place.token))
  let turn = 0
  const next = () => {
    const product = products[turn++ % products.length]!
    // One version for all: they overtake each other.
    product.version = 0
    return product.compose('AUTHORIZATION', product.usage(place.tags.map(tag => [tag, 1])))
  }
  const crowd = openCrowd(around, { secure: true, kept: connections })
  const calm = await inTurn(crowd.send, next, 64, seconds)
  const perSecond = Math.round(calm.length / seconds)
  const offered = Math.min(perSecond * times, Math.floor(most / seconds))
  const messages = Array.from({ length: offered * seconds }, next)
  const own = await newProduct(around).settle(place.token)
  const other = openCrowd(around, { secure: true, kept: 5, from: '127.0.0.2' })
  const [reports, pages]: Passage[][] = [[], []]
  const look = await openLicenses(place)
  const beside = setInterval(async () => {
    reports!.push(await other.send(own.compose('HELLO', {})))
    pages!.push(await look())
  }, 200)
  const stormy = await atRate(crowd.send, messages, offered)
  clearInterval(beside)
  crowd.close()
  other.close()
  return { perSecond, offered, calm, stormy, reports: reports!, pages: pages! }
}

/** A look at the list of licenses of the yard. */
async function openLicenses(place: Place): Promise<() => Promise<Passage>> {
  const ada = await administratorAt(place)
  return async () => {
    const asked = performance.now()
    const { status } = await ada.get(paths.licensing.licenses(place.account.account.uuid))
    return { outcome: status === 200 ? 'a page' : `HTTP ${status}`, retryAfter: 0, milliseconds: performance.now() - asked }
  }
}

type Send = (message: string) => Promise<Passage>

/** So many at once, the next when one is answered. */
async function inTurn(send: Send, next: () => string, atOnce: number, seconds: number): Promise<Passage[]> {
  const passages: Passage[] = []
  const end = performance.now() + seconds * 1000
  const worker = async () => {
    while (performance.now() < end) passages.push(await send(next()))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return passages
}

/** So many a second, whether answered or not, as far as this process can. */
async function atRate(send: Send, messages: string[], perSecond: number): Promise<Passage[]> {
  const began = performance.now()
  const sent: Promise<Passage>[] = []
  for (const message of messages) {
    const wait = began + (sent.length * 1000) / perSecond - performance.now()
    if (wait > 1 || sent.length % 50 === 0) await after(Math.max(0, wait))
    sent.push(send(message))
  }
  return Promise.all(sent)
}
