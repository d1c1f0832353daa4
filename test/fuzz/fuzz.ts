import { parseArgs } from 'node:util'
import { drive } from './drive.ts'
import { targets } from './targets.ts'

const help = `npm run fuzz [-- --runs 100000] [--seconds 600] [--seed N] [--only NAME]
Feeds every reader of what strangers send with changed messages, so many runs or seconds for each. Targets: ${targets.map(({ name }) => name).join('; ')}`

/** `npm run fuzz`: prints for each target its runs, the different ways in which it refused, the most it took, and what broke. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string' },
      seconds: { type: 'string' },
      seed: { type: 'string' },
      only: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return void process.stdout.write(`${help}\n`)
  const [runs, seconds, seed] = [Number(values.runs ?? 100_000), Number(values.seconds ?? 600), Number(values.seed ?? Date.now() % 1e9)]
  for (const target of targets.filter(({ name }) => name.includes(values.only ?? ''))) {
    const { findings, slowest, ...driven } = await drive(target, { runs, seconds, seed })
    const facts = `${driven.runs} runs, ${driven.ways} ways, slowest ${slowest.toFixed(1)} ms, ${findings.length} findings (seed ${seed})`
    process.stdout.write(`${target.name}: ${facts}\n`)
    for (const { bytes, error } of findings) {
      const said = error instanceof Error ? error.stack : String(error)
      process.stdout.write(`  ${bytes.length} bytes, base64: ${bytes.toString('base64').slice(0, 4000)}\n  ${said}\n`)
    }
    if (findings.length > 0) process.exitCode = 1
  }
}

await main()
