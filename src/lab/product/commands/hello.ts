import { disappointment } from './answers.ts'
import { type Command, exitCodes } from './command.ts'
import { connect, openProduct } from './product.ts'

export const hello: Command = {
  words: 'hello',
  usage: 'hello',
  summary: 'asks whether a server is there that can be trusted',
  async run({ values }) {
    const outcome = await connect(await openProduct(values)).hello()
    if (outcome.result !== 'done') return disappointment(outcome)
    const line = `${outcome.name ?? 'A server'} ${outcome.version ?? ''} is there, and can: ${outcome.capabilities.join(', ') || 'nothing special'}.`
    return { exitCode: exitCodes.done, lines: [line], data: outcome }
  },
}
