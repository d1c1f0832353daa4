import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openLine } from '../../src/lab/product/agent/http.ts'
import { trustIn } from '../../src/lab/product/agent/trust.ts'
import { makeKeyPool } from '../../src/lab/product/fleet/keyPool.ts'
import { familyMegabytes } from './processorTime.ts'
import { type Ledger, openLedger } from './soak/ledger.ts'
import { openProduct } from './soak/product.ts'
import { reconcile } from './soak/reconcile.ts'
import { openScene, type Scene, type Victim, victims } from './soak/scene.ts'

const help = `npm run soak [-- --minutes 10] [--products 200] [--json FILE]
A fleet registers, reports, renews and deregisters at random while server and database are killed with kill -9 at random moments and started
again. At the end the driver's books, which hold what was acknowledged, are compared with the database; any difference makes it fail.`

const second = 1000
const between = (least: number, most: number) => least + Math.random() * (most - least)
const say = (words: string) => void process.stdout.write(`${words}\n`)

/** What the killing came to: how often each was killed, and the memory of the server before each time, in megabytes. */
type Killing = { killed: Record<Victim, number>; megabytes: number[]; slowest: number }

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string' }, products: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) return say(help)
  const [minutes, count] = [Number(values.minutes ?? 10), Number(values.products ?? 200)]
  if (!(minutes > 0 && Number.isInteger(count) && count > 0)) throw new Error(help)
  const folder = mkdtempSync(join(tmpdir(), 'quartermaster-soak-'))
  const scene = await openScene(join(folder, 'server'))
  const ledger = openLedger(join(folder, 'acknowledged.ndjson'))
  const line = openLine({ tlsTrust: scene.tlsTrust, timeout: 15 * second })
  const pool = await makeKeyPool(8)
  const products = Array.from({ length: count }, (_, number) =>
    openProduct(number, {
      ...scene,
      url: `https://localhost:${scene.ports.deviceHttps}`,
      trust: trustIn(scene.trust),
      line,
      ledger,
      makeKey: async () => pool.next(),
      random: Math.random,
      pace: 4 * second,
    }),
  )
  const end = AbortSignal.timeout(minutes * 60 * second)
  const [killing] = await Promise.all([killAtRandom(scene, ledger, end), ...products.map(product => product.live(end))])
  for (const product of products) await product.settle()
  const differences = [...ledger.violations, ...(await reconcile(scene, ledger))]
  const { registrations, forced, renewals, deregistrations, reports, unanswered } = ledger
  const results = { minutes, count, registrations, forced, renewals, deregistrations, reports, unanswered, ...killing, differences }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`)
  ledger.close()
  await scene.close()
  tell(results)
  if (differences.length === 0) return rmSync(folder, { recursive: true, force: true })
  say(`Everything is left in ${folder}.`)
  process.exitCode = 1
}

/** Kills somebody every few seconds and starts them again, with at most three seconds in between, until the end. */
async function killAtRandom(scene: Scene, ledger: Ledger, end: AbortSignal): Promise<Killing> {
  const killing: Killing = {
    killed: Object.fromEntries(victims.map(victim => [victim, 0])) as Killing['killed'],
    megabytes: [],
    slowest: 0,
  }
  for (;;) {
    await pause(between(4, 16) * second, undefined, { signal: end }).catch(() => undefined)
    if (end.aborted) return killing
    const victim = victims[Math.floor(Math.random() * victims.length)]!
    killing.megabytes.push(familyMegabytes(scene.server().pid))
    ledger.noted({ kill: victim })
    const began = performance.now()
    await scene.kill(victim, () => pause(between(0, 3) * second))
    ledger.noted({ back: victim })
    killing.killed[victim]++
    killing.slowest = Math.max(killing.slowest, (performance.now() - began) / second)
  }
}

function tell(results: Omit<Killing, never> & Record<string, unknown> & { differences: string[] }): void {
  const { minutes, count, registrations, forced, renewals, deregistrations, reports, unanswered, killed, megabytes, slowest } = results
  say(
    `${count} products in ${minutes} minutes were told that it is done: ${registrations} registrations (${forced} by force), ${renewals} renewals, ` +
      `${deregistrations} deregistrations, ${reports} reports; ${unanswered} reports got no answer.`,
  )
  say(
    `Killed with kill -9: ${Object.entries(killed)
      .map(([victim, times]) => `${victim} ${times}`)
      .join(', ')}; back after ${slowest.toFixed(1)} s at most.`,
  )
  say(`Memory of the server before each: ${Math.min(...megabytes)} to ${Math.max(...megabytes)} MB.`)
  for (const difference of results.differences) say(`DIFFERENCE: ${difference}`)
  say(results.differences.length === 0 ? 'Books and database agree.' : `${results.differences.length} differences.`)
}

main().catch((error: Error) => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
