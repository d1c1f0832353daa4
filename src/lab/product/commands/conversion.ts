import type { Agent } from '../agent/agent.ts'
import type { Converted } from '../agent/conversion.ts'
import type { Outcome } from '../agent/outcome.ts'
import type { TraditionalLicense } from '../agent/state.ts'
import { conversionLine } from '../show/conversion.ts'
import { disappointment, untilAnswered, waitHelp, waitOption } from './answers.ts'
import { type Command, exitCodes, numberOf } from './command.ts'
import { connect, openProduct } from './product.ts'
import { traditionalLicensesFrom } from './traditionalLicenses.ts'

/** A person who waits asks more often than the server wants its products to. */
const askEvery = 5

export const conversionStart: Command = {
  words: 'conversion start',
  usage: 'conversion start [--license SOURCE:SKU:COUNT …]',
  summary: 'converts the traditional licenses of the product, and follows that to its end',
  details: [
    '--license SOURCE:SKU:COUNT[:FEATURE]  a traditional license, once for each; SOURCE is PAK, RTU or CLASSIC, and a tag or a short name of the',
    "                laboratory's may stand for the SKU; without it, the licenses that a product of the laboratory has",
    'The cloud decides, when the Local Account is synchronized. A conversion that has not ended is gone on with.',
    waitHelp,
    `--every SECONDS  how often to ask meanwhile (${askEvery})`,
  ].join('\n'),
  options: { license: { type: 'string', multiple: true }, every: { type: 'string' }, ...waitOption },
  async run(call) {
    const product = await openProduct(call.values)
    const agent = connect(product)
    const licenses = traditionalLicensesFrom(call.values.license as string[] | undefined, product.laboratory)
    const every = numberOf(call.values, 'every', 1) ?? askEvery
    const before = (await agent.status()).conversion
    if (before.status === 'IN PROGRESS') call.say('The conversion that has not ended is gone on with.')
    const outcome = await untilAnswered(call, agent, () => convertAndAsk(agent, licenses), every)
    const { conversion } = await agent.status()
    const lines = conversion.lines.map(conversionLine)
    if (outcome.result === 'waiting') {
      const later = disappointment(outcome)
      const sentence = 'The cloud decides when the Local Account is synchronized.'
      return { ...later, lines, complaints: [...(later.complaints ?? []), sentence], data: { ...later.data, conversion } }
    }
    if (outcome.result !== 'done') return disappointment(outcome)
    const granted = outcome.results.some(({ status }) => status === 'CONVERTED' || status === 'ALREADY_CONVERTED')
    return { exitCode: granted ? exitCodes.done : exitCodes.refused, lines, data: { ...outcome, conversion } }
  },
}

/** Asks at once what is known: where the cloud has decided on every license before, that is all. */
async function convertAndAsk(agent: Agent, licenses: readonly TraditionalLicense[]): Promise<Outcome<Converted>> {
  const outcome = await agent.convert(licenses)
  return outcome.result === 'waiting' ? ((await agent.poll()) as Outcome<Converted>) : outcome
}
