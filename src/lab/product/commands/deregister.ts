import { disappointment, untilAnswered, waitHelp, waitOption } from './answers.ts'
import { type Command, exitCodes } from './command.ts'
import { connect, openProduct } from './product.ts'

export const deregister: Command = {
  words: 'deregister',
  usage: 'deregister',
  summary: 'takes the product off the server, and releases what it uses',
  details: waitHelp,
  options: waitOption,
  async run(call) {
    const agent = connect(await openProduct(call.values))
    const outcome = await untilAnswered(call, agent, agent.deregister)
    if (outcome.result !== 'done') return disappointment(outcome)
    const lines = [
      'Deregistered.',
      ...(outcome.remark ? [`The server said: ${outcome.remark} If it still shows the product, remove it there.`] : []),
    ]
    return { exitCode: exitCodes.done, lines, data: outcome }
  },
}
