import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { isSize } from './generate/sizes.ts'
import { openPlace } from './place.ts'
import { spread, tableOf } from './table.ts'
import { backup } from './works/backup.ts'
import { courier } from './works/courier.ts'
import { framework } from './works/framework.ts'
import { growth } from './works/growth.ts'
import { outage } from './works/outage.ts'
import { overload } from './works/overload.ts'
import { pages } from './works/pages.ts'
import { reportsIntoDatabase } from './works/reportsIntoDatabase.ts'
import { stormWorks } from './works/storms.ts'
import { synchronization } from './works/synchronization.ts'
import { wholeMessages } from './works/wholeMessages.ts'
import type { Figure, Work } from './works/work.ts'

const works: Work[] = [
  reportsIntoDatabase,
  ...wholeMessages,
  ...stormWorks,
  overload,
  outage,
  pages,
  framework,
  growth,
  synchronization,
  courier,
  backup,
]

const help = `npm run bench [-- --size 4k|300k|3m] [--only NAME] [--quick] [--pairs N] [--products N] [--json FILE]
${works.map(({ name, sizes }) => `  ${name}${sizes ? ` (${sizes.join(', ')})` : ''}`).join('\n')}
--products: so many report after the outage, and not all that the data set has.
--quick: three pairs and not five, and 40,000 products after the outage: all of it within 25 minutes.
The data set of a size (4k) is made in QUARTERMASTER_BENCH_DATA, or in a folder for temporary files, and found there by the next run.`

/** `npm run bench`: yardstick and work in turn, medians with least and most, and the ratio of the pairs. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean' },
      pairs: { type: 'string' },
      products: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return say(help)
  const { size = '4k', only = '' } = values
  if (!isSize(size)) throw new Error(help)
  const chosen = works.filter(work => work.name.includes(only) && (work.sizes?.includes(size) ?? true))
  if (chosen.length === 0) throw new Error(help)
  const usual = values.quick ? { pairs: 3, products: 40_000 } : { pairs: 5, products: undefined }
  const products = Number(values.products ?? usual.products)
  const options = { pairs: Number(values.pairs ?? usual.pairs), ...(products && { products }) }
  const place = await openPlace(size)
  const figures: Figure[] = []
  const missed: string[] = []
  const minutes: Record<string, string> = {}
  try {
    for (const work of chosen) {
      const began = performance.now()
      try {
        for (const figure of await work.measure(place, options)) {
          figures.push(figure)
          say(linesOf(figure))
        }
      } catch (error) {
        missed.push(`${work.name} could not be measured: ${(error as Error).message}`)
      }
      minutes[work.name] = ((performance.now() - began) / 60_000).toFixed(1)
    }
  } finally {
    await place.close()
  }
  if (figures.length > 1) say(`\n${tableOf(figures)}`)
  for (const sentence of missed) say(sentence)
  const machine = { cores: cpus().length, processor: cpus()[0]?.model ?? '', node: process.version }
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, size, minutes, figures, missed }, null, 2)}\n`)
  if (missed.length > 0) process.exitCode = 1
}

const say = (words: string) => void process.stdout.write(`${words}\n`)

function linesOf({ name, unit, work, yardstick, ratio, goal, facts }: Figure): string {
  const head = `${name}: ${spread(work)} ${unit}`
  const beside = yardstick && ratio ? `\n    yardstick ${spread(yardstick)}; ratio ${spread(ratio)}; to reach: ${goal}` : ''
  const further = Object.entries(facts).map(([fact, value]) => `${fact}: ${value}`)
  return head + beside + (further.length > 0 ? `\n    ${further.join('; ')}` : '')
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
