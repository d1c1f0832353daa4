import { readFileSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { askHealth } from '../../src/server/health.ts'
import { type Surroundings, TestProduct } from '../support/product.ts'
import { linesOf, openCrowd, type Passage } from './crowd.ts'
import { openPlace, type Place } from './place.ts'
import { largestChildMegabytes } from './processorTime.ts'

const help = `node test/bench/storm.ts burst|overload [--products 2000] [--seconds 10] [--times 4]
  burst     so many products register at the same moment, each on a connection of its own, over HTTP and over TLS; who is told to come again does
  overload  reports on kept connections, first as many as the server can do, then so many times as many, beside a few of somebody else and a page`

const say = (words: string) => void process.stdout.write(`${words}\n`)

/** What a storm is at the device door, in figures: not a test, because it depends on the machine. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { products: { type: 'string' }, seconds: { type: 'string' }, times: { type: 'string' } },
    allowPositionals: true,
  })
  const numbers = { products: Number(values.products ?? 2000), seconds: Number(values.seconds ?? 10), times: Number(values.times ?? 4) }
  const storm = { burst, overload }[positionals[0] ?? '']
  if (!storm) throw new Error(help)
  const place = await openPlace('4k')
  try {
    const { deviceHttp, deviceHttps } = place.server.ready
    const [tlsRoot, licensingRoot] = [readFileSync(place.deviceRoot, 'utf8'), readFileSync(place.licensingRoot, 'utf8')]
    await storm(place, { httpPort: deviceHttp, httpsPort: deviceHttps, tlsRoot, licensingRoot, now: () => new Date() }, numbers)
    say(`most memory of the device door's process: ${largestChildMegabytes(place.server.pid)} MB`)
  } finally {
    await place.close()
  }
}

type Numbers = { products: number; seconds: number; times: number }

let made = 0
/** Every run has products of its own: the last one's are still registered. */
const newProduct = (around: Surroundings) =>
  new TestProduct(around, { sudi: { udi_pid: 'EX-R1000', udi_serial_number: `STORM-${Date.now()}-${made++}` } })

async function burst(place: Place, around: Surroundings, { products: count }: Numbers): Promise<void> {
  for (const secure of [false, true]) {
    const products = Array.from({ length: count }, () => newProduct(around))
    const messages = products.map(product => product.compose('REGISTRATION', product.applies(place.token)))
    const crowd = openCrowd(around, { secure, kept: undefined })
    const began = performance.now()
    const first = await Promise.all(messages.map(message => crowd.send(message)))
    say(`${count} registrations at once, ${secure ? 'TLS' : 'HTTP'}: answered within ${((performance.now() - began) / 1000).toFixed(1)} s`)
    for (const line of linesOf(first)) say(`    ${line}`)
    const again = await Promise.all(messages.map((message, index) => untilTaken(crowd.send, message, first[index]!)))
    say(`    and those that were told so came again: all within ${((performance.now() - began) / 1000).toFixed(1)} s`)
    for (const line of linesOf(again.flat())) say(`    ${line}`)
    crowd.close()
  }
}

/** Comes again as long as it is told to, and when. */
async function untilTaken(send: Send, message: string, first: Passage): Promise<Passage[]> {
  const passages: Passage[] = []
  for (let last = first; last.outcome === 'OK_TRY_AGAIN'; passages.push(last)) {
    await after(last.retryAfter * 1000)
    last = await send(message)
  }
  return passages
}

async function overload(place: Place, around: Surroundings, { products: count, seconds, times }: Numbers): Promise<void> {
  const products: TestProduct[] = []
  for (let index = 0; index < count / 10; index++) products.push(await newProduct(around).settle(place.token))
  let turn = 0
  const next = () => {
    const product = products[turn++ % products.length]!
    // One version for all: they overtake each other.
    product.version = 0
    return product.compose('AUTHORIZATION', product.usage(place.tags.map(tag => [tag, 1])))
  }
  const crowd = openCrowd(around, { secure: true, kept: count })
  const calm = await inTurn(crowd.send, next, 64, seconds)
  const perSecond = Math.round(calm.length / seconds)
  say(`as much as it can do: ${perSecond} reports a second`)
  for (const line of linesOf(calm)) say(`    ${line}`)

  const own = await newProduct(around).settle(place.token)
  const other = openCrowd(around, { secure: true, kept: 5, from: '127.0.0.2' })
  const few = { reports: [] as Passage[], pages: [] as Passage[] }
  const beside = setInterval(async () => {
    few.reports.push(await other.send(own.compose('HELLO', {})))
    const asked = performance.now()
    await askHealth({ ...place.context.config, httpsPort: place.server.ready.https }).catch(() => undefined)
    few.pages.push({ outcome: 'a page', retryAfter: 0, milliseconds: performance.now() - asked })
  }, 200)
  const stormy = await atRate(crowd.send, next, perSecond * times, seconds)
  clearInterval(beside)
  say(`${times} times as much: ${stormy.length} reports were sent`)
  for (const line of linesOf(stormy)) say(`    ${line}`)
  say('a few of another address, and a page, beside it:')
  for (const line of [...linesOf(few.reports), ...linesOf(few.pages)]) say(`    ${line}`)
  crowd.close()
  other.close()
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
async function atRate(send: Send, next: () => string, perSecond: number, seconds: number): Promise<Passage[]> {
  const began = performance.now()
  const sent: Promise<Passage>[] = []
  for (let due = 0; due < seconds * 1000; due = (sent.length * 1000) / perSecond) {
    const wait = began + due - performance.now()
    if (wait > 1 || sent.length % 50 === 0) await after(Math.max(0, wait))
    sent.push(send(next()))
  }
  return Promise.all(sent)
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
