import { parseArgs } from 'node:util'
import { bothSidesAgree } from '../synchronization/model/bothSidesAgree.ts'
import { mochaGlobalSetup, mochaGlobalTeardown } from './database.ts'

/** `npm run model -- [--runs N] [--seed S]`: as many lives of a server and its cloud as there is time for. */
const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } })
const runs = Number(values.runs ?? 2000)
await mochaGlobalSetup()
try {
  const began = performance.now()
  await bothSidesAgree(runs, values.seed === undefined ? undefined : Number(values.seed), run => {
    if (run % 100 === 0) process.stdout.write(`${run} lives, ${Math.round((performance.now() - began) / 1000)} s\n`)
  })
  process.stdout.write(`${runs} lives of a server and its cloud: nothing was applied twice, and two exchanges were always enough.\n`)
} catch (error) {
  process.stdout.write(`${(error as Error).message}\n${((error as Error).cause as Error | undefined)?.stack ?? ''}\n`)
  process.exitCode = 1
} finally {
  await mochaGlobalTeardown()
}
