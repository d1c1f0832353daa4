import type { AgentStatus } from '../agent/status.ts'
import { showAll } from '../show/all.ts'
import { showStatus } from '../show/status.ts'
import { showSummary } from '../show/summary.ts'
import { showTechSupport } from '../show/techSupport.ts'
import { showUsage } from '../show/usage.ts'
import { type Command, exitCodes } from './command.ts'
import { openProduct, statusWithout } from './product.ts'

const view = (name: string, summary: string, draw: (status: AgentStatus, now: Date) => string): Command => ({
  words: `show license ${name}`,
  usage: `show license ${name}`,
  summary,
  async run({ values }) {
    const product = await openProduct(values)
    const status = await statusWithout(product)
    return { exitCode: exitCodes.done, lines: [draw(status, product.clock.now())], data: status }
  },
})

/** What a network engineer types on a router. No server is asked. */
export const views: Command[] = [
  view('status', 'registration, authorization and their dates', showStatus),
  view('usage', 'each license in use', showUsage),
  view('summary', 'both in a few lines', showSummary),
  view('all', 'everything, with who the product is', showAll),
  view('tech support', 'all, with names in full and timers, for whoever helps', showTechSupport),
]
