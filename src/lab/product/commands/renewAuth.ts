import { disappointment, untilAnswered, waitHelp, waitOption } from './answers.ts'
import { type Command, exitCodes } from './command.ts'
import { connect, openProduct } from './product.ts'
import { usageLines } from './words.ts'

export const renewAuth: Command = {
  words: 'renew auth',
  usage: 'renew auth',
  summary: 'reports what is used, as the timer does every 30 days',
  details: waitHelp,
  options: waitOption,
  async run(call) {
    const agent = connect(await openProduct(call.values))
    const outcome = await untilAnswered(call, agent, agent.renewAuthorization)
    if (outcome.result !== 'done') return disappointment(outcome)
    const status = await agent.status()
    return { exitCode: exitCodes.done, lines: usageLines(status), data: { ...outcome, licenses: status.licenses } }
  },
}
