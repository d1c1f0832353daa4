import { setTimeout as after } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Surroundings } from '../support/product.ts'
import { linesOf, openCrowd, type Passage } from './crowd.ts'
import { newProduct, overloaded, surroundingsOf } from './overload.ts'
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
    await storm(place, surroundingsOf(place), numbers)
    say(`most memory of the device door's process: ${largestChildMegabytes(place.server.pid)} MB`)
  } finally {
    await place.close()
  }
}

type Send = (message: string) => Promise<Passage>
type Numbers = { products: number; seconds: number; times: number }

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

async function overload(place: Place, around: Surroundings, { products, seconds, times }: Numbers): Promise<void> {
  const { perSecond, calm, stormy, reports, pages } = await overloaded(place, around, { products: products / 10, seconds, times })
  say(`as much as it can do: ${perSecond} reports a second`)
  for (const line of linesOf(calm)) say(`    ${line}`)
  say(`${times} times as much: ${stormy.length} reports were sent`)
  for (const line of linesOf(stormy)) say(`    ${line}`)
  say('a few of another address, and a page, beside it:')
  for (const line of [...linesOf(reports), ...linesOf(pages)]) say(`    ${line}`)
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
