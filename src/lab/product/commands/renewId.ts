import { moment } from '../show/text.ts'
import { disappointment, untilAnswered, waitHelp, waitOption } from './answers.ts'
import { type Command, exitCodes } from './command.ts'
import { connect, openProduct } from './product.ts'

export const renewId: Command = {
  words: 'renew id',
  usage: 'renew id',
  summary: 'gets a new ID certificate for a new key, as the timer does after 180 days',
  details: waitHelp,
  options: waitOption,
  async run(call) {
    const agent = connect(await openProduct(call.values))
    const outcome = await untilAnswered(call, agent, agent.renewIdCertificate)
    if (outcome.result !== 'done') return disappointment(outcome)
    const line = `The ID certificate ${outcome.idCertificateSerial} ends on ${moment(new Date(outcome.expiresAt))} and is renewed from ${moment(new Date(outcome.renewAt))} on.`
    return { exitCode: exitCodes.done, lines: [line], data: outcome }
  },
}
