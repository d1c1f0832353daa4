import { disappointment } from './answers.ts'
import { type Command, exitCodes } from './command.ts'
import { connect, openProduct } from './product.ts'

export const poll: Command = {
  words: 'poll',
  usage: 'poll',
  summary: 'asks for an answer that the server put off',
  async run({ values }) {
    const outcome = await connect(await openProduct(values)).poll()
    if (outcome.result !== 'done') return disappointment(outcome)
    const line = outcome.instanceId
      ? `Registered with ${outcome.smartAccount}, ${outcome.virtualAccount}, as ${outcome.instanceId}.`
      : 'Done.'
    return { exitCode: exitCodes.done, lines: [line], data: outcome }
  },
}
